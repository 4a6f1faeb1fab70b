"""Operations: what is clear is read, what is not is reported with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcpgen.config import Config
from mcpgen.diagnostics import Report, render
from mcpgen.load import load
from mcpgen.operations import Api, Operation, Parameter, operations
from mcpgen.spec import spec
from mcpgen.upgrade import upgrade

OK = {"responses": {"200": {"description": "ok"}}}


def read(**members: Any) -> tuple[Api, list[str]]:
    """The API of a document, and its findings as `severity code place: sentence`."""
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}} | members
    text = json.dumps(document).encode()
    report = Report()
    documents = load("-", Config(), report, read_stdin=lambda: text)
    api = operations(upgrade(spec(documents)), report)
    return api, [
        f"{found.severity} {found.code} {found.location.pointer}: {found.message}"
        for found in report.diagnostics
        if found.location is not None
    ]


def operation(path: str = "/x", **members: Any) -> tuple[Operation | None, list[str]]:
    api, findings = read(paths={path: {"get": OK | members}})
    return next(iter(api.operations), None), findings


def parameter(path: str = "/x", **members: Any) -> Parameter:
    found, findings = operation(path, parameters=[{"name": "p"} | members])
    assert found is not None, findings
    assert findings == []
    return found.parameters[0]


@pytest.mark.parametrize(
    ("location", "style", "explode"),
    [
        ("path", "simple", False),
        ("query", "form", True),
        ("header", "simple", False),
        ("cookie", "form", True),
    ],
)
def test_style_and_explode_have_the_defaults_of_openapi(
    location: str, style: str, explode: bool
) -> None:
    found = parameter("/x/{p}" if location == "path" else "/x", **{"in": location})
    assert (found.style, found.explode) == (style, explode)
    assert found.required is (location == "path")


def test_explode_follows_the_style() -> None:
    found = parameter(style="pipeDelimited", **{"in": "query"})
    assert found.explode is False


def test_a_parameter_may_have_content() -> None:
    found = parameter(
        content={"application/json": {"schema": {"type": "object"}}}, **{"in": "query"}
    )
    assert (found.content, found.schema) == ("application/json", {"type": "object"})
    assert found.at.pointer.endswith("/content/application~1json/schema")


def test_an_operation_overrides_the_parameters_of_its_path() -> None:
    own = {"name": "p", "in": "query", "schema": {"type": "integer"}}
    shared = {"name": "p", "in": "query", "schema": {"type": "string"}}
    other = {"name": "q", "in": "query"}
    item = {"parameters": [shared, other], "get": OK | {"parameters": [own]}}
    api, _ = read(paths={"/x": item})
    assert [(p.name, p.schema) for p in api.operations[0].parameters] == [
        ("p", {"type": "integer"}),
        ("q", {}),
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("Accept", "content-type", "Content-Length", "AUTHORIZATION", "Host"),
        *("Cookie", "Accept-Encoding", "Expect", "TE", "Proxy-Authorization"),
    ],
)
def test_headers_that_a_client_must_not_set_are_no_parameters(name: str) -> None:
    found, findings = operation(
        parameters=[{"name": name, "in": "header", "required": True}]
    )
    assert found is not None
    assert (found.parameters, findings) == ((), [])


@pytest.mark.parametrize(
    "name", ["Accept-Language", "If-Match", "Content-Language", "User-Agent"]
)
def test_other_headers_are_parameters(name: str) -> None:
    assert parameter(name=name, **{"in": "header"}).name == name


@pytest.mark.parametrize("location", ["header", "query", "cookie"])
@pytest.mark.parametrize(
    ("whole", "own", "is_parameter"),
    [
        ([{"key": []}], {}, False),
        ([], {"security": [{"other": []}, {"key": [], "other": []}]}, False),
        ([{"key": []}], {"security": [{"other": []}]}, True),
        ([{"key": []}], {"security": []}, True),
        ([], {}, True),
    ],
)
def test_credentials_that_an_operation_uses_are_no_parameters(
    location: str, whole: Any, own: dict[str, Any], is_parameter: bool
) -> None:
    key = {"type": "apiKey", "in": location, "name": "X-Key"}
    schemes = {"key": key, "other": {"type": "http", "scheme": "bearer"}}
    declared = {"parameters": [{"name": "X-Key", "in": location}]}
    api, _ = read(
        components={"securitySchemes": schemes},
        security=whole,
        paths={"/x": {"get": OK | declared | own}},
    )
    assert len(api.operations[0].parameters) == is_parameter


@pytest.mark.parametrize(
    ("location", "is_parameter"), [("header", False), ("query", True)]
)
def test_only_the_names_of_headers_have_no_case(
    location: str, is_parameter: bool
) -> None:
    key = {"type": "apiKey", "in": location, "name": "KEY"}
    api, _ = read(
        components={"securitySchemes": {"key": key}},
        security=[{"key": []}],
        paths={"/x": {"get": OK | {"parameters": [{"name": "key", "in": location}]}}},
    )
    assert len(api.operations[0].parameters) == is_parameter


def test_open_headers_of_parts_are_reported() -> None:
    headers = {
        "X-Free": {"schema": {"type": "string"}},
        "X-Gone": {"$ref": "#/components/headers/Gone"},
        "X-Fixed": {"schema": {"const": 1}},
        "Content-Type": {"schema": {"type": "string"}},
    }
    encoding = {"file": {"headers": headers}}
    content = {
        "multipart/form-data": {"encoding": encoding},
        "application/x-www-form-urlencoded": {"encoding": encoding},
    }
    _, findings = operation(requestBody={"content": content})
    place = "/paths/~1x/get/requestBody/content/multipart~1form-data/encoding/file"
    assert findings == [
        f"warning part-header {place}/headers/{name}: header `{name}` of the part "
        "`file` has no value of its own; it is not sent"
        for name in ("X-Free", "X-Gone")
    ]


def test_a_placeholder_that_nobody_declares_is_text() -> None:
    found, findings = operation("/x/{id}")
    assert found is not None
    assert [(p.name, p.required, p.schema) for p in found.parameters] == [
        ("id", True, {"type": "string"})
    ]
    assert findings == [
        (
            "warning path-parameter /paths/~1x~1{id}: "
            "path parameter `id` is not declared; it is taken as text"
        )
    ]


def test_a_path_parameter_without_a_place_is_dropped() -> None:
    found, findings = operation("/x", parameters=[{"name": "id", "in": "path"}])
    assert found is not None
    assert found.parameters == ()
    assert findings == [
        (
            "warning path-parameter /paths/~1x/get/parameters/0: "
            "path parameter `id` has no place in the path"
        )
    ]


@pytest.mark.parametrize("written", ["/x/{.p*}", "/x/{;p}", "/x/{p*}"])
def test_operators_in_placeholders_are_left_to_the_style(written: str) -> None:
    found, findings = operation(
        written, parameters=[{"name": "p", "in": "path", "style": "label"}]
    )
    assert found is not None
    assert (found.path, findings) == ("/x/{p}", [])


@pytest.mark.parametrize(
    ("members", "finding"),
    [
        (
            {"parameters": [{"in": "query", "required": True}]},
            (
                "error malformed /paths/~1x/get/parameters/0: "
                "`name`: is missing; it is left out"
            ),
        ),
        (
            {"parameters": [{"name": "p", "in": "body"}]},
            (
                "error malformed /paths/~1x/get/parameters/0/in: `in`: input should be "
                "'query', 'header', 'path' or 'cookie'; it is left out"
            ),
        ),
        (
            {"parameters": [{"$ref": "#/components/parameters/P"}]},
            (
                "error unresolved-reference /paths/~1x/get/parameters/0: reference "
                "`#/components/parameters/P` leads nowhere; it is left out"
            ),
        ),
        (
            {"parameters": ["p"]},
            (
                "error malformed /paths/~1x/get/parameters/0: "
                "must be an object, not `'p'`; it is left out"
            ),
        ),
        (
            {"requestBody": {"required": True, "content": {}}},
            (
                "error malformed /paths/~1x/get/requestBody: "
                "the required request body names no media type; it is left out"
            ),
        ),
    ],
)
def test_what_cannot_be_used_costs_its_operation_alone(
    members: dict[str, Any], finding: str
) -> None:
    api, findings = read(paths={"/x": {"get": OK | members}, "/y": {"get": OK}})
    assert [one.path for one in api.operations] == ["/y"]
    assert findings == [finding]


@pytest.mark.parametrize(
    ("members", "place", "problem"),
    [
        ({"in": "query"}, "", "`name`: is missing"),
        ({"in": "query", "name": 5}, "/name", "`name`: input should be a valid string"),
        (
            {"in": "header", "name": "X", "explode": "no one knows"},
            "/explode",
            "`explode`: input should be a valid boolean, unable to interpret input",
        ),
    ],
)
def test_an_optional_parameter_that_cannot_be_used_costs_itself_alone(
    members: dict[str, Any], place: str, problem: str
) -> None:
    parameters = [members, {"in": "query", "name": "q"}]
    api, findings = read(paths={"/x": {"get": OK | {"parameters": parameters}}})
    ((kept,),) = (one.parameters for one in api.operations)
    assert kept.name == "q"
    at = f"/paths/~1x/get/parameters/0{place}"
    assert findings == [f"warning malformed {at}: {problem}; the parameter is left out"]


@pytest.mark.parametrize(
    "members",
    [
        {"responses": None},
        {"responses": {"200": {}}},
        {"responses": {"200": {"$ref": "#/nowhere"}}},
        {"responses": {"default": {"description": None, "content": None}}},
        {"description": None, "summary": 5, "tags": None, "deprecated": "true"},
        {"parameters": None},
        {"parameters": [{"name": "p", "in": "query", "required": None}]},
        {"parameters": [{"name": "p", "in": "query", "type": "string"}]},
        {"requestBody": None},
        {"requestBody": {"content": {"application/json": None}}},
        {"callbacks": {"c": 5}, "externalDocs": "x", "servers": None},
        {"operationId": 5},
    ],
)
def test_what_is_merely_untidy_costs_nothing(members: dict[str, Any]) -> None:
    found, findings = operation(**members)
    assert found is not None
    assert findings == []


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"get": None}, "get: must be an object, not null"),
        ({"GET": OK}, "GET: the method must be in lower case, `get`"),
        ({"GET": OK, "get": OK}, "GET: the method must be in lower case, `get`"),
    ],
)
def test_no_operation_is_lost_without_a_word(
    item: dict[str, Any], problem: str
) -> None:
    _, findings = read(paths={"/x": item})
    assert findings == [f"error malformed /paths/~1x/{problem}; it is left out"]


def test_path_items_are_resolved_with_their_siblings() -> None:
    item = {"get": OK}
    api, findings = read(
        paths={"/x": {"$ref": "#/components/pathItems/X", "post": OK}},
        components={"pathItems": {"X": item}},
    )
    assert [one.method for one in api.operations] == ["get", "post"]
    assert findings == []


def test_a_reference_to_another_document_is_explained() -> None:
    api, findings = read(paths={"/x": {"$ref": "x.yaml"}, "/y": {"get": OK}})
    assert [one.path for one in api.operations] == ["/y"]
    assert findings == [
        (
            "error unresolved-reference /paths/~1x: reference `x.yaml` has no place "
            "beside what is read from a stream; it is left out"
        )
    ]


def test_operations_are_ordered_whatever_the_document_does() -> None:
    paths = {"/b": {"post": OK, "get": OK}, "/a": {"get": OK}, "x-note": 1}
    api, _ = read(paths=paths)
    assert [one.subject for one in api.operations] == ["GET /a", "GET /b", "POST /b"]


def test_a_key_that_is_given_twice_is_told() -> None:
    text = b"openapi: 3.1.0\npaths: {/x: {get: {summary: a}, get: {summary: b}}}"
    report = Report()
    documents = load("-", Config(), report, read_stdin=lambda: text)
    api = operations(upgrade(spec(documents)), report)
    assert [found.summary for found in api.operations] == ["b"]
    (finding,) = report.diagnostics
    assert render(finding, documents.texts).splitlines()[0] == (
        "<stdin>:2:14: warning[repeated-key]: "
        "key is given twice, and only the last one counts"
    )


def test_tags_have_those_above_them() -> None:
    tags = [
        {"name": "domestic", "parent": "flights"},
        {"name": "flights", "parent": "travel"},
        {"name": "travel", "parent": "domestic"},
        {"name": "late", "kind": "badge"},
    ]
    named = {"tags": ["late", "domestic"]} | OK
    api, findings = read(tags=tags, paths={"/x": {"get": named}, "/y": {"get": OK}})
    assert [one.tags for one in api.operations] == [
        ("domestic", "late", "flights", "travel"),
        (),
    ]
    assert findings == []


@pytest.mark.parametrize(
    ("method", "sent"), [("COPY", "copy"), ("M-SEARCH", "m-search"), ("Link", "link")]
)
def test_additional_operations_have_methods_of_their_own(
    method: str, sent: str
) -> None:
    item = {"additionalOperations": {method: OK, "GET": OK, ".": OK}, "get": OK}
    api, findings = read(openapi="3.2.0", paths={"/x": item})
    assert {one.method for one in api.operations} == {"get", sent}
    (finding,) = findings
    assert finding.endswith("no request can have this method; it is left out")


def test_security_is_the_documents_unless_the_operation_says_otherwise() -> None:
    key = {"type": "apiKey", "in": "header", "name": "K"}
    api, findings = read(
        components={"securitySchemes": {"a": key, "b": key}},
        security=[{"a": []}, {"a": [], "b": []}],
        paths={
            "/1": {"get": OK},
            "/2": {"get": OK | {"security": []}},
            "/3": {"get": OK | {"security": [{}, {"b": []}]}},
            "/4": {"get": OK | {"security": [{"missing": []}]}},
        },
    )
    assert [one.security for one in api.operations] == [
        (("a",), ("a", "b")),
        (),
        ((), ("b",)),
        (),
    ]
    assert findings == [
        (
            "warning security-scheme /paths/~14/get/security: "
            "security scheme `missing` is not declared; no credential is sent for it"
        )
    ]


def test_servers_have_their_variables_filled() -> None:
    variables = {"host": {"default": "eu"}, "v": {"enum": ["v1", "v2"]}}
    api, _ = read(servers=[{"url": "https://{host}.x/{v}/{y}", "variables": variables}])
    assert [server.url for server in api.servers] == ["https://eu.x/v1/{y}"]


def test_media_types_are_media_types() -> None:
    content: dict[str, Any] = {
        "application/json; charset=utf-8": {},
        "text/html\r\nX: 1": {},
        "json": {},
    }
    found, _ = operation(requestBody={"content": content})
    assert found is not None
    assert found.body is not None
    assert [one.type for one in found.body.content] == [
        "application/json; charset=utf-8"
    ]


def test_a_body_that_says_nothing_is_none() -> None:
    empty = {"schema": {"type": "object", "properties": {}}}
    found, _ = operation(requestBody={"content": {"application/json": empty}})
    assert found is not None
    assert found.body is None


def test_a_path_as_routers_have_it() -> None:
    found, findings = operation(
        "/users/:id/:verb/x:id",
        parameters=[{"name": "id", "in": "path", "schema": {"type": "integer"}}],
    )
    assert found is not None
    assert found.path == "/users/{id}/:verb/x:id"
    assert [one.schema for one in found.parameters] == [{"type": "integer"}]
    place = "/paths/~1users~1:id~1:verb~1x:id/get/parameters/0"
    said = "the path has `:id`, which is taken as `{id}`"
    assert findings == [f"warning path-parameter {place}: {said}"]
