"""What each version with a handshake may be sent, row by row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcpgen_runtime import protocol
from mcpgen_runtime.content import Result
from mcpgen_runtime.errors import RequestError
from mcpgen_runtime.messages import dumps

ALL = (*protocol.VERSIONS, "2026-07-28")

TOOL = {
    "name": "t",
    "title": "T",
    "description": "d",
    "inputSchema": {"type": "object", "properties": {"title": {"type": "string"}}},
    "outputSchema": {"type": "object"},
    "annotations": {"title": "T", "readOnlyHint": True},
    "icons": [],
    "_meta": {},
}
RESOURCE = {"uri": "a:b", "name": "r", "title": "R", "annotations": {"priority": 1}}


@pytest.mark.parametrize(
    ("requested", "answered"),
    [(version, version) for version in protocol.VERSIONS]
    + [("2026-07-28", "2025-11-25"), ("1900-01-01", "2025-11-25"), ("", "2025-11-25")],
)
def test_the_version_is_the_one_asked_for_or_the_latest(
    requested: str, answered: str
) -> None:
    assert protocol.negotiate({"protocolVersion": requested}) == answered


@pytest.mark.parametrize("params", [{}, {"protocolVersion": 1}])
def test_a_handshake_names_a_version(params: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as raised:
        protocol.negotiate(params)
    assert raised.value.code == -32602


@pytest.mark.parametrize(
    ("version", "missing"),
    [
        (
            "2024-11-05",
            {"annotations", "title", "outputSchema", "icons", "_meta"},
        ),
        ("2025-03-26", {"title", "outputSchema", "icons", "_meta"}),
        ("2025-06-18", {"icons"}),
        ("2025-11-25", set()),
        ("2026-07-28", set()),
    ],
)
def test_a_tool_has_the_fields_of_its_version(version: str, missing: set[str]) -> None:
    entry = protocol.listing_entry(version, "tool", dumps(TOOL))
    expected = {key: value for key, value in TOOL.items() if key not in missing}
    assert json.loads(entry) == expected


def test_the_annotations_of_a_resource_are_old() -> None:
    entry = protocol.listing_entry("2024-11-05", "resource", dumps(RESOURCE))
    assert json.loads(entry) == {k: v for k, v in RESOURCE.items() if k != "title"}


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_the_newest_versions_get_the_stored_bytes(version: str) -> None:
    entry = b'{"name": "t",   "title":"T"}'
    assert protocol.listing_entry(version, "tool", entry) is entry


@pytest.mark.parametrize("version", ALL)
def test_the_title_of_a_server(version: str) -> None:
    info = protocol.server_info(version, "n", "1", "T")
    assert ("title" in info) is (version >= "2025-06-18")


@pytest.mark.parametrize(
    ("structured", "since"),
    [(b'{"a":1}', "2025-06-18"), (b" \n{}", "2025-06-18"), (b"[1]", "2026-07-28")],
)
@pytest.mark.parametrize("version", ALL)
def test_structured_content(version: str, structured: bytes, since: str) -> None:
    result = json.loads(
        protocol.call_result(version, Result(content=(), structured=structured))
    )
    if version >= since:
        assert result["structuredContent"] == json.loads(structured)
    else:
        assert result == {"content": [], "isError": False}


def test_structured_content_keeps_its_text_but_for_line_ends() -> None:
    structured = b'{\r\n  "b": 1.10,\n  "a": 12345678901234567890}'
    result = protocol.call_result(
        "2026-07-28", Result(content=(), structured=structured)
    )
    assert b'{    "b": 1.10,   "a": 12345678901234567890}' in result
    assert b"\n" not in result


AUDIO = {"type": "audio", "data": "AA==", "mimeType": "audio/wav"}
LINK = {"type": "resource_link", "uri": "a:b", "name": "n"}


@pytest.mark.parametrize("version", ALL)
def test_audio(version: str) -> None:
    block = protocol.content_block(version, AUDIO)
    if version >= "2025-03-26":
        assert block == AUDIO
    else:
        assert block["type"] == "resource"
        assert block["resource"]["blob"] == "AA=="
        assert block["resource"]["mimeType"] == "audio/wav"


@pytest.mark.parametrize("version", ALL)
def test_links(version: str) -> None:
    block = protocol.content_block(version, LINK)
    expected = LINK if version >= "2025-06-18" else {"type": "text", "text": "a:b"}
    assert block == expected


@pytest.mark.parametrize("version", ALL)
def test_metadata_of_content(version: str) -> None:
    block = {
        "type": "resource",
        "resource": {"uri": "a:b", "text": "x", "_meta": {}},
        "annotations": {"priority": 1, "lastModified": "2025-01-01T00:00:00Z"},
        "_meta": {},
    }
    old = {
        "type": "resource",
        "resource": {"uri": "a:b", "text": "x"},
        "annotations": {"priority": 1},
    }
    expected = block if version >= "2025-06-18" else old
    assert protocol.content_block(version, block) == expected
