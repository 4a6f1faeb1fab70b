"""The demo: a spec becomes a package, the package runs, and a client uses it.

Everything is real: the API is fixtures/apps/shop.py, the client is raw JSON-RPC, and
the requests shown are those that the API received.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from raw_client import (
    Client,
    ErrorReply,
    HttpClient,
    ProtocolError,
    StdioClient,
    http_server,
)

ROOT = Path(__file__).resolve().parent.parent
SPEC = Path("fixtures/specs/shop.yaml")
OUT = Path(".cache/demo")

COLOURS = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def paint(code: str, text: str) -> str:
    return f"\033[{code}m{text}\033[0m" if COLOURS else text


def heading(text: str) -> None:
    print(f"\n{paint('1', text)}\n")


def line(mark: str, text: str) -> None:
    width = max(shutil.get_terminal_size((100, 24)).columns, 60) - 6
    text = " ".join(text.split())
    if len(text) > width:
        text = text[: width - 2] + " …"
    print(f"  {paint('36', mark)} {text}")


def as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def running(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, text=True, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


class Api:
    """The API behind the server; it tells what it received."""

    def __init__(self, url: str) -> None:
        self.url = url

    def show_received(self) -> None:
        record = self.url.removesuffix("/v1") + "/_requests"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(record) as response:
            received = json.load(response)
        opener.open(urllib.request.Request(record, method="DELETE")).close()
        for request in received:
            sent = " ".join(request["body"].split())
            line("⇒", f"{request['method']} {request['target']}  {sent}")
        if not received:
            line("⇒", "(nothing was sent)")


def show_call(client: Client, api: Api, name: str, arguments: dict[str, Any]) -> None:
    line("→", f"tools/call {name} {as_text(arguments)}")
    result = client.call(name, arguments)
    api.show_received()
    mark = "✗" if result.get("isError") else "←"
    for content in result["content"]:
        line(mark, content.get("text", content["type"]))
    print()


def show_read(client: Client, api: Api, uri: str) -> None:
    line("→", f"resources/read {uri}")
    contents = client.read(uri)["contents"]
    api.show_received()
    for content in contents:
        body = content.get("text") or f"{len(content['blob'])} characters of base64"
        line("←", f"{content['mimeType']}: {body}")
    print()


def show_listing(client: Client) -> None:
    for title, method, key, name in (
        ("tools", "tools/list", "tools", "name"),
        ("resources", "resources/list", "resources", "uri"),
        ("templates", "resources/templates/list", "resourceTemplates", "uriTemplate"),
    ):
        names = [entry[name] for entry in client.list_all(method, key)]
        text = ("," if name == "name" else "") + " "
        print(
            textwrap.fill(
                text.join(names),
                96,
                initial_indent=f"  {title:10}",
                subsequent_indent=" " * 12,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )


def generate() -> Path:
    heading("1. A spec becomes a package")
    shutil.rmtree(OUT, ignore_errors=True)
    print(f"  $ mcpgen {SPEC} -o {OUT}/")
    mcpgen = Path(sys.executable).with_name("mcpgen")
    done = subprocess.run(
        [mcpgen, SPEC, "-o", OUT], capture_output=True, text=True, check=False
    )
    print(textwrap.indent((done.stdout + done.stderr).strip(), "  "))
    if done.returncode != 0:
        sys.exit(done.returncode)
    return next(OUT.glob("*/__main__.py")).parent


def over_stdio(package: Path, api: Api, environment: dict[str, str]) -> None:
    heading("2. The package is a server: here over stdio")
    command = [sys.executable, "-m", package.name]
    print(f"  $ cd {OUT} && python -m {package.name}")
    start = time.perf_counter()
    with StdioClient(command, cwd=package.parent, env=environment) as client:
        client.initialize()
        client.list_all("tools/list", "tools")
        elapsed = (time.perf_counter() - start) * 1000
        print(f"  started and listed in {elapsed:.0f} ms\n")
        show_listing(client)

        heading(
            "3. A client calls (→), the API receives (⇒), the answer comes back (←)"
        )
        condition = {"field": "category", "equals": "kitchen"}
        search = {"sort": ["-price", "name"], "fields": ["name", "price"]}
        show_call(client, api, "search_products", search | {"body": condition})
        order = {"lines": [{"productId": 1, "quantity": 2}], "coupon": ["A", "B&C"]}
        show_call(client, api, "place_order", order)
        show_read(client, api, "api://shop/products?tag=tea&limit=1")
        show_read(client, api, "api://shop/products/1/image")

        heading("4. Mistakes come back as something that a model can act on (✗)")
        show_call(client, api, "place_order", {"lines": [], "cupon": ["A"]})
        show_call(client, api, "update_product", {"productId": 99, "price": 3})


def over_http(package: Path, api: Api, environment: dict[str, str]) -> None:
    heading("5. The same package over HTTP")
    command = [sys.executable, "-m", package.name]
    with http_server(command, cwd=package.parent, env=environment) as url:
        port = urlsplit(url).port
        print(f"  $ python -m {package.name} --transport http --port {port}\n")
        with HttpClient(url) as client:
            client.initialize()
            show_read(client, api, "api://shop/health")


def main() -> None:
    os.chdir(ROOT)
    package = generate()
    app = [sys.executable, "fixtures/apps/shop.py", "0"]
    with running(app, stdout=subprocess.PIPE) as process:
        assert process.stdout
        api = Api(process.stdout.readline().strip())
        environment = os.environ | {
            "SHOP_BASE_URL": api.url,
            "SHOP_API_KEY": "teapot",
            "SHOP_TOKEN": "sesame",
        }
        over_stdio(package, api, environment)
        over_http(package, api, environment)
    heading("Your turn")
    mcpgen = Path(sys.executable).with_name("mcpgen").relative_to(ROOT)
    print(f"  Look at {package.relative_to('.')}/, then:  {mcpgen} YOUR_SPEC -o out/")


if __name__ == "__main__":
    try:
        main()
    except (ErrorReply, ProtocolError) as error:
        sys.exit(f"The demo failed: {error}")
