"""The server of a package within an application that isn't made of Starlette's routes.

Each application asks who its caller is, and is mounted in as docs/fastapi.md has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from harness import APPS, MCPGEN, ROOT, run, uvicorn
from raw_client import HttpClient


def examples() -> dict[str, str]:
    """The code blocks of the documentation, by the framework that they import."""
    text = (ROOT / "docs" / "fastapi.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    known = ("litestar", "django")
    return {name: block for name in known for block in blocks if name in block}


@pytest.fixture(scope="module", params=["litestar", "django"])
def mounted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The base URL of an application, with two workers and its server mounted in it."""
    module = {"litestar": "lite", "django": "ninja_words"}[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    out = folder / "out"
    run(MCPGEN, f"{module}:app", "-o", out, "--preset", "tools", cwd=APPS)
    example = examples()[request.param].replace("shop_mcp", "words_mcp")
    host = re.sub(
        r"^from shop\.\w+ import", f"from {module} import", example, flags=re.MULTILINE
    )
    (folder / "host.py").write_text(host)
    variables = {
        "PYTHONPATH": f"{folder}:{out}:{APPS}",
        "WORDS_FORWARD_HEADERS": "X-User",
        "WEB_CONCURRENCY": "2",
    }
    with uvicorn("host:app", **variables) as url:
        yield url


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_callers_are_who_the_application_says(mounted: str, path: str) -> None:
    for _ in range(3):
        with HttpClient(mounted + path) as client:
            client.initialize()
            nobody = client.call("count_letters", {"word": "tea"})
            assert nobody["isError"]
            assert "HTTP 401" in nobody["content"][0]["text"]
            client.headers["X-User"] = "ada"
            known = client.call("count_letters", {"word": "tea"})
            assert json.loads(known["content"][0]["text"]) == {"ada": 3}
