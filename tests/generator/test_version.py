"""Which version a document is read as: what it says, or what it looks like."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcpgen.config import Config
from mcpgen.diagnostics import InputError, Report
from mcpgen.load import Documents, load

OLD: Any = {"/x": {"get": {"produces": ["text/plain"], "responses": {}}}}
NEW: Any = {"/x": {"post": {"requestBody": {}, "responses": {}}}}
OPEN: Any = {"/x": {"get": {}}}


def read(value: dict[str, Any]) -> tuple[Documents, list[str]]:
    report = Report()
    text = json.dumps(value).encode()
    found = load("-", Config(), report, read_stdin=lambda: text)
    return found, [one.message for one in report.diagnostics]


@pytest.mark.parametrize(
    ("value", "version"),
    [
        ({"swagger": "2.0"}, "2.0"),
        ({"swagger": 2.0}, "2.0"),
        ({"swagger": "2"}, "2.0"),
        ({"openapi": "3.0"}, "3.0"),
        ({"swagger": "3.0.0", "paths": OPEN, "servers": []}, "3.0"),
        ({"openapi": "3.0.4", "components": {}}, "3.0"),
        ({"openapi": "3.1.1", "paths": OLD}, "2.0"),
        ({"openapi": "3.1.1", "paths": OPEN}, "3.1"),
        ({"openapi": "3.2.0"}, "3.2"),
    ],
)
def test_a_version_that_is_known(value: dict[str, Any], version: str) -> None:
    found, _ = read(value)
    assert found.root.version == version


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"paths": OLD}, "read as Swagger 2.0: it doesn't say what it is"),
        ({"paths": NEW}, "read as OpenAPI 3.1: it doesn't say what it is"),
        ({"paths": OPEN}, "read as OpenAPI 3.1: it doesn't say what it is"),
        ({"host": "x", "paths": OPEN}, "read as Swagger 2.0"),
        (
            {"openapi": "3.0.0", "paths": OPEN, "basePath": "/"},
            "read as Swagger 2.0: that is what it looks like, whatever `openapi: 3.0.0`",
        ),
        (
            {"swagger": "2.0", "paths": NEW},
            "read as OpenAPI 3.1: that is what it looks",
        ),
        ({"openapi": "v3", "paths": OPEN, "components": {}}, "read as OpenAPI 3.1"),
        ({"openapi": "3.7.0", "paths": OPEN}, "read as OpenAPI 3.2"),
        ({"openapi": "v3.0.1", "paths": OPEN}, "whatever `openapi: v3.0.1` says"),
        ({"openapi": 3, "paths": OPEN}, "whatever `openapi: 3` says"),
        ({"openapi": None, "paths": OPEN}, "whatever `openapi: None` says"),
    ],
)
def test_a_document_is_recognised_by_its_shape(
    value: dict[str, Any], said: str
) -> None:
    _, messages = read(value)
    assert len(messages) == 1
    assert said in messages[0]


@pytest.mark.parametrize(
    "value",
    [{"openapi": "5.0"}, {"swagger": "1.2", "apis": []}, {"info": {}}, {"paths": []}],
)
def test_what_has_no_known_shape_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        read(value)


@pytest.mark.parametrize(
    ("value", "said", "fix"),
    [
        ({"asyncapi": "3.0.0", "channels": {}}, "is an AsyncAPI document", "give the"),
        ({"arazzo": "1.0.0"}, "is an Arazzo document", "sourceDescriptions"),
        ({"overlay": "1.0.0", "actions": []}, "is an overlay", "--overlay"),
        ({"swaggerVersion": "1.2", "apis": []}, "is Swagger 1", "convert"),
        ({"info": {}, "item": []}, "is a Postman collection", "export"),
        ({"data": {"openapi": "3.0.0"}}, "one in its member `data`", "save that"),
        ({"message": "Not Found"}, "it has no `openapi` member", "starts with"),
    ],
)
def test_what_is_no_openapi_document_is_called_what_it_is(
    value: dict[str, Any], said: str, fix: str
) -> None:
    with pytest.raises(InputError) as raised:
        read(value)
    assert said in raised.value.diagnostic.message
    assert fix in (raised.value.diagnostic.hint or "")
