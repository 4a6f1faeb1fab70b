"""Routes: what is read, what is called, and why."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen.config import Config
from mcpgen.diagnostics import Report
from mcpgen.load import Document, Documents
from mcpgen.operations import operations
from mcpgen.route import Route, route
from mcpgen.spec import spec

OBJECT = {"type": "object", "properties": {"a": {}}}


def routed(
    paths: dict[str, Any], config: Config | None = None
) -> tuple[dict[str, Route], list[str]]:
    """The routes by `GET /path`, and what was found."""
    value = {"openapi": "3.1.0", "paths": paths}
    document = Document(source="spec", text="", format="json", value=value)
    report = Report()
    found = route(
        operations(spec(Documents(root=document)), Report()), config or Config(), report
    )
    return (
        {one.operation.subject: one for one in found.served},
        [f"{d.severity}: {d.message} ({d.hint})" for d in report.diagnostics],
    )


def kind_of(*parameters: dict[str, Any], path: str = "/x", **members: Any) -> str:
    operation = {"parameters": list(parameters)} | members
    routes, _ = routed({path: {"get": operation}})
    return routes[f"GET {path}"].kind


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("get", "resource"),
        ("head", "tool"),
        ("post", "tool"),
        ("put", "tool"),
        ("patch", "tool"),
        ("delete", "tool"),
    ],
)
def test_what_is_got_is_read(method: str, kind: str) -> None:
    routes, _ = routed({"/x": {method: {}}})
    assert [one.kind for one in routes.values()] == [kind]


def test_a_route_says_which_rule_decided() -> None:
    routes, _ = routed({"/x/{id}": {"get": {}, "post": {}}, "/x": {"get": {}}})
    assert {subject: one.because for subject, one in routes.items()} == {
        "GET /x": "preset semantic: GET -> resource",
        "GET /x/{id}": r"preset semantic: GET, path \{ -> template",
        "POST /x/{id}": "preset semantic: anything -> tool",
    }


def test_the_tools_preset() -> None:
    routes, _ = routed({"/x": {"get": {}}}, Config(preset="tools"))
    assert routes["GET /x"].kind == "tool"


@pytest.mark.parametrize(
    "parameter",
    [
        {"name": "p", "in": "header", "required": True},
        {"name": "p", "in": "cookie", "required": True},
        {"name": "p", "in": "query", "required": True, "schema": OBJECT},
        {"name": "p", "in": "query", "required": True, "schema": {"allOf": [OBJECT]}},
        {"name": "p", "in": "query", "required": True, "style": "deepObject"},
        {"name": "p", "in": "query", "required": True, "content": {"a/b": {}}},
    ],
)
def test_what_a_uri_cannot_carry_is_called(parameter: dict[str, Any]) -> None:
    assert kind_of(parameter) == "tool"


@pytest.mark.parametrize(
    "parameter",
    [
        {"name": "p", "in": "query", "required": True, "schema": {"type": "string"}},
        {"name": "p", "in": "query", "schema": {"type": "array"}},
        {"name": "p", "in": "header"},
        {"name": "p", "in": "query", "schema": OBJECT},
    ],
)
def test_what_a_uri_carries_or_may_lack_is_read(parameter: dict[str, Any]) -> None:
    assert kind_of(parameter) == "resource"


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "resource"),
        ({"schema": {"type": "integer"}}, "resource"),
        ({"schema": {"type": "array"}}, "tool"),
        ({"schema": OBJECT}, "tool"),
        ({"style": "matrix"}, "tool"),
    ],
)
def test_path_parameters_are_one_text_in_a_uri(more: dict[str, Any], kind: str) -> None:
    parameter = {"name": "id", "in": "path", "required": True} | more
    assert kind_of(parameter, path="/x/{id}") == kind


def test_a_get_with_a_body_is_called() -> None:
    body = {"content": {"application/json": {"schema": {"type": "string"}}}}
    assert kind_of(requestBody=body) == "tool"


def test_a_tool_that_might_have_been_read_says_why() -> None:
    _, notes = routed(
        {
            "/x": {
                "get": {"parameters": [{"name": "T", "in": "header", "required": True}]}
            }
        }
    )
    assert notes == [
        "note: is a tool, because a URI can't carry its required header `T` (None)"
    ]


def test_what_a_uri_leaves_out_is_said() -> None:
    header = {"parameters": [{"name": "T", "in": "header"}]}
    _, findings = routed({"/x": {"get": header}, "/y": {"get": {}}})
    assert findings == [
        (
            "warning: is read by URI, which has no place for the header `T` "
            "(--preset tools serves it, and --resources-as-tools of the server)"
        )
    ]


@pytest.mark.parametrize(
    "parameter",
    [
        {
            "name": "p",
            "in": "query",
            "schema": {"anyOf": [OBJECT, {"type": "integer"}]},
        },
        {
            "name": "p",
            "in": "query",
            "style": "deepObject",
            "schema": {"type": "array"},
        },
    ],
)
def test_what_may_be_a_text_or_a_list_has_a_place(parameter: dict[str, Any]) -> None:
    _, findings = routed({"/x": {"get": {"parameters": [parameter]}}})
    assert findings == []


PATHS = {
    "/pets": {"get": {"tags": ["Pets"]}, "post": {"tags": ["Pets", "admin"]}},
    "/pets/{id}": {"delete": {"tags": ["admin"]}},
    "/stores[1]": {"get": {}},
}


@pytest.mark.parametrize(
    ("include", "exclude", "left"),
    [
        (("pets",), (), ["GET /pets", "POST /pets"]),
        (("ADM*",), (), ["POST /pets", "DELETE /pets/{id}"]),
        (("/pets*",), ("admin",), ["GET /pets"]),
        (("/stores[1]",), (), ["GET /stores[1]"]),
        ((), ("/pets*", "/stores*"), []),
        (("pets",), ("pets",), []),
    ],
)
def test_patterns_select(
    include: tuple[str, ...], exclude: tuple[str, ...], left: list[str]
) -> None:
    routes, findings = routed(PATHS, Config(include=include, exclude=exclude))
    assert sorted(routes) == sorted(left)
    assert not [one for one in findings if one.startswith("warning")]


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [("pest", "did you mean Pets?"), ("/pet", "did you mean /pets?"), ("zzz", "None")],
)
def test_a_pattern_that_selects_nothing_is_said(pattern: str, hint: str) -> None:
    _, findings = routed(PATHS, Config(exclude=(pattern,)))
    assert f"warning: --exclude {pattern} matches no operation ({hint})" in findings
