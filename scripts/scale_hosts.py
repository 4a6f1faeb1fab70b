"""Hosts that are network namespaces, and what runs on them, until the end of a `with`."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

HERE = "10.231.7.1"
"""The address of this machine among the hosts."""
HOSTS = {"a": "10.231.7.2", "b": "10.231.7.3"}
PORT = 8000
WORKERS = 2
_BRIDGE = "mcpgen0"
_PATIENCE = 60.0

_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream hosts {{
        {servers}
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://hosts;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_buffering off;
        }}
    }}
}}
"""


@contextmanager
def network() -> Iterator[None]:
    """The hosts, on one bridge with this machine."""
    _remove()
    _ip("link", "add", _BRIDGE, "type", "bridge")
    try:
        _ip("addr", "add", f"{HERE}/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        for host, address in HOSTS.items():
            space, inside, outside = f"mcpgen-{host}", f"{host}-in", f"{host}-out"
            _ip("netns", "add", space)
            _ip("link", "add", outside, "type", "veth", "peer", inside, "netns", space)
            _ip("link", "set", outside, "master", _BRIDGE, "up")
            _ip("-n", space, "addr", "add", f"{address}/24", "dev", inside)
            _ip("-n", space, "link", "set", inside, "up")
            _ip("-n", space, "link", "set", "lo", "up")
        yield
    finally:
        _remove()


@contextmanager
def server(
    host: str, python: str, app: str, folder: Path, environment: Mapping[str, str]
) -> Iterator[None]:
    """An ASGI application on a host, in several workers."""
    options = ["--host", "0.0.0.0", "--port", str(PORT), "--workers", str(WORKERS)]
    command = ["ip", "netns", "exec", f"mcpgen-{host}", python, "-m", "uvicorn", app]
    log = folder / f"{host}.log"
    with _running([*command, *options], folder, log, {**os.environ, **environment}):
        _answers(f"http://{HOSTS[host]}:{PORT}/", log)
        yield


@contextmanager
def nginx(port: int, folder: Path) -> Iterator[None]:
    """A balancer in front of all hosts, at a port of this machine."""
    servers = "\n".join(f"server {address}:{PORT};" for address in HOSTS.values())
    path = folder / "nginx.conf"
    path.write_text(_NGINX.format(folder=folder, port=port, servers=servers))
    log = folder / "nginx-out.log"
    with _running(["nginx", "-c", str(path)], folder, log, os.environ):
        _answers(f"http://127.0.0.1:{port}/", log)
        yield


@contextmanager
def redis(port: int, folder: Path) -> Iterator[str]:
    """The URL of a store that all hosts reach."""
    options = ["--bind", HERE, "--port", str(port), "--protected-mode", "no"]
    command = ["redis-server", *options, "--save", ""]
    with _running(command, folder, folder / "redis.log", os.environ):
        yield f"redis://{HERE}:{port}/0"


@contextmanager
def _running(
    command: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str]
) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            urlopen(url, timeout=5).close()
        except URLError as error:
            if getattr(error, "code", 0) in (403, 404, 405):
                return
        time.sleep(0.2)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text()[-2000:]}")


def _remove() -> None:
    for host in HOSTS:
        subprocess.run(
            ["ip", "netns", "del", f"mcpgen-{host}"], capture_output=True, check=False
        )
    subprocess.run(["ip", "link", "del", _BRIDGE], capture_output=True, check=False)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
