"""What kind of body a media type is (RFC 9110, 8.3.1): its parameters don't matter."""

from __future__ import annotations

FORM = "application/x-www-form-urlencoded"
OCTETS = "application/octet-stream"
_JSON_LINES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl"}
    | {"application/x-jsonlines", "application/json-lines", "application/json-seq"}
)


def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON: `application/json`, `…+json`, or anything."""
    kind = essence(media_type)
    return kind in ("application/json", "text/json", "*/*", "application/*") or (
        kind.endswith("+json")
    )


def is_xml(media_type: str) -> bool:
    kind = essence(media_type)
    return kind in ("application/xml", "text/xml") or kind.endswith("+xml")


def is_form(media_type: str) -> bool:
    """Whether a body is written member by member."""
    return essence(media_type) == FORM or is_multipart(media_type)


def is_multipart(media_type: str) -> bool:
    return essence(media_type).startswith("multipart/")


def is_json_lines(media_type: str) -> bool:
    """Whether a body is a list of JSON values, one after the other."""
    kind = essence(media_type)
    return kind in _JSON_LINES or kind.endswith("+json-seq")


def is_text(media_type: str) -> bool:
    """Whether a body that is neither JSON nor a form is given as text, not as bytes."""
    kind = essence(media_type)
    return kind.startswith("text/") or kind.endswith(
        ("/xml", "+xml", "/yaml", "+yaml", "-yaml", "/x-ndjson", "/jsonl", "/graphql")
    )
