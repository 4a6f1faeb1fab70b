"""Values that are put together anew, each with the place that it was written at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..diagnostics import Location
from ..references import reference
from ..spec import Spec, UnresolvedReference


class Moves:
    """Where the parts of a new root come from; `written` has them by their pointers."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.written: dict[str, Location] = {}

    def note(self, now: Location, before: Location) -> None:
        """That what stands at `now` in the new root was written at `before`."""
        if now != before:
            self.written[now.pointer] = before

    def found(self, node: Any, at: Location) -> tuple[Mapping[str, Any], Location]:
        """The object behind a reference; raises UnresolvedReference."""
        target, place = self._spec.resolve(node, at)
        if not isinstance(target, Mapping):
            raise UnresolvedReference("not an object")
        return target, place

    def schema(self, schema: Any, before: Location, now: Location) -> Any:
        """A schema at its new place. One of another file is referred to, so that its
        own references stay relative to that file."""
        self.note(now, before)
        if before.source == now.source or not isinstance(schema, Mapping):
            return schema
        return {"$ref": reference(before, now.source)}
