"""What a listing says of a component besides its name: checked where an author gives it.

Tools have the annotations of ToolAnnotations, resources and their templates those of
Annotations, prompts none (2025-11-25, schema). Each function raises CompositionError
with a sentence that says what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ..errors import CompositionError, nearest

_TOOL: Final = (
    "title",
    "readOnlyHint",
    "destructiveHint",
    "idempotentHint",
    "openWorldHint",
)
_RESOURCE: Final = ("audience", "priority", "lastModified")
_ANNOTATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "tool": _TOOL,
    "resource": _RESOURCE,
    "template": _RESOURCE,
    "prompt": (),
}
_ROLES: Final = ("user", "assistant")


def checked_annotations(
    kind: str, given: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    known = _ANNOTATIONS[kind]
    for key, value in (given or {}).items():
        if key not in known:
            raise CompositionError(
                f"{key!r} is not an annotation of {kind}s{nearest(key, known)}"
            )
        check, sentence = _CHECKS.get(key, (_is_anything, ""))
        if not check(value):
            raise CompositionError(f"{key} is {value!r}: {sentence}")
    return given


def checked_icons(given: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    for icon in given:
        source = icon.get("src")
        if not isinstance(source, str) or not source.startswith(("https://", "data:")):
            raise CompositionError(
                f"an icon needs a 'src', an https: or data: URL: {dict(icon)} has none"
            )
    return given


def checked_size(kind: str, given: int | None) -> int | None:
    """In bytes."""
    if given is not None and kind != "resource":
        raise CompositionError(f"a {kind} has no size: only a resource has one")
    if given is not None and (type(given) is not int or given < 0):
        raise CompositionError(f"the size is {given!r}: give a number of bytes")
    return given


def amended(**given: Any) -> Callable[[str, Mapping[str, Any]], Mapping[str, Any]]:
    """The members that an entry has then; empty ones stay as they are."""

    def fields(kind: str, listed: Mapping[str, Any]) -> Mapping[str, Any]:
        found = {key: value for key, value in given.items() if value}
        checked_icons(given["icons"])
        if given["size"] is not None:
            found["size"] = checked_size(kind, given["size"])
        if checked_annotations(kind, given["annotations"]):
            already = listed.get("annotations", {})
            found["annotations"] = {**already, **given["annotations"]}
        return found

    return fields


def _is_anything(value: object) -> bool:
    return True


def _is_audience(value: object) -> bool:
    return isinstance(value, list | tuple) and all(role in _ROLES for role in value)


def _is_priority(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]


def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


_CHECKS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "audience": (_is_audience, "give a list of 'user' and 'assistant'"),
    "priority": (_is_priority, "give a number from 0 to 1"),
    "lastModified": (_is_time, "give a time such as '2026-07-28T12:00:00Z'"),
}
