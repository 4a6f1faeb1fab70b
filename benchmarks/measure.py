"""Measures the emitted server against its floor and its peers, side by side.

    measure.py --python PYTHON [--peers PYTHON] [--packages FOLDER] [--rounds N]
               [--quick] [--json FILE]

The rule: every figure is a median of rounds, and in each round all servers take their
turn, so that what the machine does meanwhile meets all of them. CPU time is the
process's own; wall-clock figures are worth something on an idle machine only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from documents import write
from driver import Http, Stdio
from peers import HERE, Launch, call, prepare

Figures = dict[tuple[str, ...], dict[str, list[float]]]
"""For each table row, and the server that it is about: the figures of all rounds."""

SIZES = (10, 100, 1000, 3000)
MOST_FOR_PEERS = 1000
CONCURRENCY = (1, 16, 64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="has what a package needs")
    parser.add_argument("--peers", metavar="PYTHON", help="has mcp and fastmcp")
    parser.add_argument("--packages", type=Path, help="has openapi-mcp-generator")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="10 and 100 operations")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    sizes = SIZES[:2] if given.quick else SIZES
    figures: Figures = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory() as name, upstream() as base_url:
        folder = Path(name)
        launches = {
            size: prepare(
                size,
                folder / str(size),
                base_url,
                given.python,
                given.peers,
                given.packages if size <= MOST_FOR_PEERS else None,
            )
            for size in sizes
        }
        for number in range(given.rounds):
            said(f"round {number + 1} of {given.rounds}")
            for size in sizes:
                generation(figures, size, folder / f"generated-{size}-{number}")
                for server, launch in launches[size].items():
                    if server in ("mcpgen", "floor") or size <= MOST_FOR_PEERS:
                        starting(figures, server, size, launch)
            imports(figures, launches[sizes[0]]["mcpgen"])
            for kilobytes, calls in ((1, 500), (100, 100)):
                for server, launch in launches[sizes[0]].items():
                    over_stdio(figures, server, launch, kilobytes, calls)
                    if launch.port_option is not None:
                        over_http(figures, server, launch, kilobytes, calls)
                without_server(figures, base_url, kilobytes, calls)
            for size in sizes:
                over_stdio(figures, f"mcpgen, {size}", launches[size]["mcpgen"], 1, 500)
    result = {
        "machine": machine(),
        "rounds": given.rounds,
        "figures": [
            {"what": list(row), "server": server, "values": values}
            for row, servers in figures.items()
            for server, values in servers.items()
        ],
    }
    text = json.dumps(result, indent=1)
    if given.json:
        given.json.write_text(text + "\n")
    else:
        print(text)


def starting(figures: Figures, server: str, size: int, launch: Launch) -> None:
    """From nothing to the first complete listing, and on to the first answered call."""
    with launch.start() as process:
        client = Stdio(process)
        client.request("tools/list")
        row = ("start", str(size))
        figures[*row, "listing, ms"][server].append(process.age * 1000)
        figures[*row, "memory, MB"][server].append(process.memory)
        figures[*row, "listing, CPU ms"][server].append(process.end() * 1000)
    with launch.start() as process:
        client = Stdio(process)
        client.request("tools/list")
        client.request("tools/call", call(1))
        figures[*row, "call, ms"][server].append(process.age * 1000)
        figures[*row, "call, CPU ms"][server].append(process.end() * 1000)
    with launch.start() as process:
        client = Stdio(process)
        used = process.cpu
        for _ in range(20):
            client.request("tools/list")
        figures[*row, "a listing, CPU ms"][server].append((process.cpu - used) * 50)


def imports(figures: Figures, launch: Launch) -> None:
    """What the modules cost, by themselves, that are loaded until the first listing."""
    python, *rest = launch.command
    messages = (Stdio.HANDSHAKE, {"jsonrpc": "2.0", "id": 2, "method": "tools/list"})
    done = subprocess.run(
        [python, "-X", "importtime", *rest],
        cwd=launch.folder,
        env={**os.environ, **launch.environment},
        input="".join(json.dumps(one) + "\n" for one in messages),
        capture_output=True,
        text=True,
        check=True,
    )
    costs: dict[str, float] = defaultdict(float)
    for line in done.stderr.splitlines():
        microseconds, *_, name = line.removeprefix("import time:").split("|")
        if microseconds.strip().isdecimal():
            module = name.strip()
            ours = module.startswith("bench_mcp")
            place = "the package itself" if ours else module.partition(".")[0]
            costs[place] += int(microseconds) / 1000
    for place, milliseconds in costs.items():
        figures["imports", place, "ms"]["mcpgen"].append(milliseconds)


def over_stdio(
    figures: Figures, server: str, launch: Launch, kilobytes: int, count: int
) -> None:
    with launch.start() as process:
        client = Stdio(process)
        client.request("tools/list")
        calling(figures, ("stdio", f"{kilobytes} kB"), server, process, client, count)
        figures["stdio", f"{kilobytes} kB", "", "memory, MB"][server].append(
            process.memory
        )


def over_http(
    figures: Figures, server: str, launch: Launch, kilobytes: int, count: int
) -> None:
    port = free_port()
    with launch.start(port) as process:
        client = Http(port)
        client.wait()
        calling(figures, ("HTTP", f"{kilobytes} kB"), server, process, client, count)


def calling(
    figures: Figures,
    where: tuple[str, str],
    server: str,
    process: Any,
    client: Stdio | Http,
    count: int,
) -> None:
    params = call(int(where[1].split()[0]))
    client.calls(100, 16, params)
    for concurrency in CONCURRENCY:
        used, begun = process.cpu, process.age
        latencies = sorted(client.calls(count, concurrency, params))
        taken, spent = process.age - begun, process.cpu - used
        row = (*where, f"{concurrency} at once")
        figures[*row, "calls/s"][server].append(count / taken)
        figures[*row, "CPU ms"][server].append(spent * 1000 / count)
        figures[*row, "p50, ms"][server].append(statistics.median(latencies) * 1000)
        figures[*row, "p99, ms"][server].append(latencies[int(count * 0.99)] * 1000)


def without_server(figures: Figures, base_url: str, kilobytes: int, count: int) -> None:
    for concurrency in CONCURRENCY:
        command = [sys.executable, str(HERE / "direct.py"), base_url, str(kilobytes)]
        done = subprocess.run(
            [*command, str(count), str(concurrency)],
            check=True,
            capture_output=True,
            text=True,
        )
        rate, spent = map(float, done.stdout.split())
        for transport in ("stdio", "HTTP"):
            row = (transport, f"{kilobytes} kB", f"{concurrency} at once")
            figures[*row, "calls/s"]["httpx"].append(rate)
            figures[*row, "CPU ms"]["httpx"].append(spent)


def generation(figures: Figures, size: int, folder: Path) -> None:
    """Generating into nothing, and again with nothing changed."""
    folder.mkdir()
    spec = write(size, folder)
    command = [sys.executable, "-m", "mcpgen", str(spec), "-o", str(folder / "out")]
    for which in ("cold", "unchanged"):
        begun = time.perf_counter()
        subprocess.run([*command, "-q", "--preset", "tools"], check=True)
        taken = time.perf_counter() - begun
        figures["generation", str(size), which, "s"]["mcpgen"].append(taken)


@contextmanager
def upstream() -> Iterator[str]:
    """The base URL of the API."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "upstream.py")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def machine() -> str:
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def said(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
