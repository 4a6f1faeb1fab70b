"""Whatever the text of a document is, it stays text: in code, in names, on a terminal."""

from __future__ import annotations

import ast
import json
import re
import tomllib
import unicodedata
from typing import Any

import mcpgen_runtime
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcpgen.config import Config
from mcpgen.diagnostics import InputError, Report, render
from mcpgen.emit import Tree
from mcpgen.pipeline import generate
from mcpgen_runtime.upstream import auth

ATTACKS = (
    '"""\nimport os; os.system("id")\n"""',
    "'); __import__('os').system('id') #",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "$(id) `id` ; rm -rf / | cat && id",
    "../../../etc/passwd",
    "..\\..\\evil",
    "/absolute/path",
    "__init__",
    "[x](javascript:alert(1)) <script>alert(1)</script>\n# Heading\n```",
    "\x1b]0;title\x07\x1b[2J\x1b[31m",
    "\u202eevil\u2028line\u2029",
    "name\x00.py",
    "a\r\nSet-Cookie: b",
    'x" required=True, method="DELETE',
    "\\N{BULLET}\\x41\\",
    "class", "None", "con", ".", "..", " ", "-o",
)  # fmt: skip
TEXT = st.sampled_from(ATTACKS) | st.text(max_size=20)
SCHEMA = st.recursive(
    st.fixed_dictionaries(
        {"type": st.sampled_from(("string", "integer")) | TEXT},
        optional={
            "description": TEXT,
            "default": TEXT,
            "enum": st.lists(TEXT, min_size=1, max_size=3),
            "pattern": TEXT,
            "format": TEXT,
            "x-note": TEXT,
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "type": st.just("object"),
            "properties": st.dictionaries(TEXT, inner, max_size=3),
        }
    ),
    max_leaves=4,
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document with hostile text wherever a document has text."""
    schemas = draw(st.dictionaries(TEXT, SCHEMA, max_size=3))
    reference = {"$ref": f"#/components/schemas/{draw(TEXT)}"}
    place = draw(st.sampled_from(("query", "header", "cookie")))
    scheme = draw(TEXT)
    operation = {
        "operationId": draw(TEXT),
        "summary": draw(TEXT),
        "description": draw(TEXT),
        "tags": [draw(TEXT)],
        "parameters": [
            {"name": draw(TEXT), "in": place, "schema": draw(SCHEMA)},
            {"name": draw(TEXT), "in": "path", "required": True, "schema": reference},
        ],
        "requestBody": {"content": {draw(TEXT): {"schema": draw(SCHEMA)}}},
        "responses": {"200": {"description": draw(TEXT), "content": {draw(TEXT): {}}}},
        "security": [{scheme: []}],
    }
    return {
        "openapi": "3.2.0",
        "info": {"title": draw(TEXT), "version": draw(TEXT), "description": draw(TEXT)},
        "servers": [{"url": draw(TEXT)}],
        "paths": {
            f"/{draw(TEXT)}": {draw(st.sampled_from(("get", "post"))): operation},
            "/plain": {"additionalOperations": {draw(TEXT): {"tags": [draw(TEXT)]}}},
            "/": {"get": {"operationId": draw(TEXT)}},
            draw(TEXT): {"$ref": draw(TEXT)},
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                scheme: {"type": "apiKey", "in": "header", "name": draw(TEXT)}
            },
        },
    }


KNOWN = {
    *mcpgen_runtime.__all__,
    *(name for name, value in vars(auth).items() if isinstance(value, type)),
    "Mapping",
    "str",
}
"""What the modules that are made of a document's text may name."""


def names_read(source: str) -> set[str]:
    """The names that a module takes from elsewhere. It does nothing but build values:
    no attribute, no f-string, no function."""
    nodes = list(ast.walk(ast.parse(source)))
    assert not any(
        isinstance(node, ast.Attribute | ast.JoinedStr | ast.Lambda | ast.FunctionDef)
        for node in nodes
    )
    return {
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def is_printed_safely(text: str) -> bool:
    return not any(
        unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")
        for line in text.split("\n")
        for character in line
    )


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_text_stays_text(document: dict[str, Any]) -> None:
    report = Report()
    try:
        made = generate(
            Config(source="-"),
            report,
            read_stdin=json.dumps(document).encode,
            progress=lambda _: None,
            known=lambda *_: None,
        )
    except InputError as problem:
        printed = [render(problem.diagnostic, problem.documents)]
        tree: Tree = {}
    else:
        texts = made.understood.texts
        printed = [render(finding, texts) for finding in report.diagnostics]
        tree = made.tree
    assert all(map(is_printed_safely, printed))
    for path in tree:
        assert re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", path), path
        assert not {".", ".."} & set(path.split("/"))
        if "/_runtime/" in path:
            continue
        if "/operations/" in path or path.endswith(("/schemas.py", "/settings.py")):
            assert names_read(tree[path].text) <= KNOWN
        if path == "pyproject.toml":
            assert tomllib.loads(tree[path].text)["project"]["name"].isascii()
