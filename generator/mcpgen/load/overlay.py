"""Overlays: files that change a document on its way in (OpenAPI Overlay 1.0 and 1.1).

Actions are applied in order, each to what the ones before it have made. The document
that was read is never changed: what lies on the way to a change is copied, once, and
all else is shared. Where a changed value was written is kept, so that findings in it
point into the overlay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from jsonpath import JSONPathEnvironment
from jsonpath.exceptions import JSONPathError

from ..diagnostics import Location, Report
from ..references import is_uri, joined, steps
from .disk import Disk
from .documents import Document, Documents
from .parse import Unparsable, parse
from .problems import Unreadable, refused

_Keys: TypeAlias = tuple[str | int, ...]
_JSON_PATH = JSONPathEnvironment(strict=True)  # RFC 9535 and no more


def overlaid(
    root: Document, overlays: Sequence[str], disk: Disk, report: Report
) -> Documents:
    """The document with overlay files applied, in their order.

    What an overlay says and doesn't fit is reported. Raises InputError when a file is
    no overlay.
    """
    target = _Target(root)
    documents = tuple(_read(path, disk) for path in overlays)
    for overlay in documents:
        _check_extends(overlay, root.source, disk, report)
        actions = overlay.value["actions"]
        for index, action in enumerate(actions):
            at = Location(overlay.source).child("actions", index)
            _apply(action, at, target, report)
    return Documents(
        root=replace(root, value=target.value, version=root.version),
        overlays=documents,
        overlaid=target.origins,
    )


def _read(path: str, disk: Disk) -> Document:
    try:
        document = parse(path, disk.content(Path(path)))
    except OSError as problem:
        reason = "no such file" if problem.errno == 2 else str(problem.strerror)
        problem_said = Unreadable("overlay", f"can't be read: {reason}")
        raise refused(path, problem_said, what="the overlay") from None
    except Unparsable as problem:
        text = Document(source=path, text=problem.text, format="json", value={})
        raise refused(path, problem, text, what="the overlay") from None
    except Unreadable as problem:
        raise refused(path, problem, what="the overlay") from None
    value = document.value
    version = value.get("overlay") if isinstance(value, Mapping) else None
    if not re.fullmatch(r"1(\.\d+)*", str(version)):
        raise refused(
            path,
            Unreadable(
                "overlay",
                "doesn't say that it is one",
                "an overlay starts with `overlay: 1.0.0` or `overlay: 1.1.0`",
            ),
            document,
            what="the overlay",
        )
    if not isinstance(value.get("actions"), list):
        problem_said = Unreadable("overlay", "has no list of `actions`")
        raise refused(path, problem_said, document, what="the overlay")
    return document


def _check_extends(overlay: Document, source: str, disk: Disk, report: Report) -> None:
    extends = overlay.value.get("extends")
    if not isinstance(extends, str):
        return
    meant = joined(overlay.source, extends)
    if is_uri(meant) != is_uri(source):  # a copy of what is published elsewhere
        same = meant.rpartition("/")[2] == source.rpartition("/")[2]
    elif is_uri(meant):
        same = meant == source
    else:
        same = disk.resolved(Path(meant)) == disk.resolved(Path(source))
    if not same:
        report.warning(
            "overlay",
            f"the overlay is made for `{extends}`, and is applied to `{source}`",
            at=Location(overlay.source, "/extends"),
        )


def _apply(action: Any, at: Location, target: _Target, report: Report) -> None:
    def warn(problem: str, *member: str) -> None:
        report.warning("overlay", problem, at=at.child(*member) if member else at)

    if not isinstance(action, Mapping) or not isinstance(action.get("target"), str):
        return warn("the action has no `target`; it is left out")
    try:
        found = target.find(action["target"])
        if not found:
            return warn(
                f"the target `{action['target']}` matches nothing in the document",
                "target",
            )
        if action.get("remove") is True:
            if () in found:
                return warn("the whole document can't be removed", "target")
            return target.remove(found)
        if "copy" in action:
            copied = target.find(str(action["copy"]))
            if len(copied) != 1:
                return warn(
                    f"`copy` must match one value, and matches {len(copied)}; "
                    "the action is left out",
                    "copy",
                )
            update, origin = target.shared(copied[0]), target.location(copied[0])
        elif "update" in action:
            update, origin = action["update"], at.child("update")
        else:
            return warn("the action changes nothing: it has no `update` or `remove`")
    except JSONPathError as problem:
        said = str(problem).partition("\n")[0]
        return warn(f"not a JSONPath expression ({said}); the action is left out")
    misfits = [keys for keys in found if not target.update(keys, update, origin)]
    if misfits:
        warn(
            f"`update` doesn't fit what `{action['target']}` matches: "
            "an object is merged into objects alone; it is left out there",
            "target",
        )
    return None


@dataclass(slots=True)
class _Target:
    """A document that is being changed: its value now, and where parts of it that are
    not at their old place, or are new, were written (`origins`, by their pointers)."""

    document: Document
    value: Any = field(init=False)
    origins: dict[str, Location] = field(default_factory=dict)
    _own: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.value = self.document.value

    def find(self, path: str) -> list[_Keys]:
        """The places that a JSONPath expression matches. Raises JSONPathError."""
        return [match.parts for match in _JSON_PATH.finditer(path, self.value)]

    def shared(self, keys: _Keys) -> Any:
        """The value at a place, to stand at others as well."""
        self._own.clear()  # from now on, a change of one is no change of the others
        return self._get(keys)

    def _get(self, keys: _Keys) -> Any:
        node = self.value
        for key in keys:
            node = node[key]
        return node

    def location(self, keys: _Keys) -> Location:
        return Location(self.document.source).child(*keys)

    def update(self, keys: _Keys, update: Any, origin: Location) -> bool:
        """Merges a value into the one at a place; False where it doesn't fit. It stands
        at `origin`, in an overlay or in the document as it is now."""
        old = self._get(keys)
        if isinstance(old, dict):
            if not isinstance(update, dict):
                return False
            self._merge(self._owned(keys), keys, update, origin)
        elif isinstance(old, list):
            self._extend(self._owned(keys), keys, update, origin)
        else:
            if isinstance(update, dict | list):
                return False
            self._put(self._owned(keys[:-1]), keys, update, origin)
        return True

    def remove(self, places: Sequence[_Keys]) -> None:
        """Removes values, the last of a list first, so that the others keep theirs."""
        for *parent, key in sorted(set(places), key=_order, reverse=True):
            owner = self._owned(tuple(parent))
            if isinstance(key, int):
                self._close_gap(tuple(parent), key, len(owner))
            del owner[key]

    def _merge(
        self, into: dict[str, Any], keys: _Keys, update: Any, origin: Location
    ) -> None:
        for name, value in update.items():
            old, place, here = into.get(name), (*keys, name), origin.child(name)
            if isinstance(old, dict) and isinstance(value, dict):
                self._merge(self._owned(place), place, value, here)
            elif isinstance(old, list) and isinstance(value, list):
                self._extend(self._owned(place), place, value, here)
            else:
                self._put(into, place, value, here)

    def _extend(
        self, into: list[Any], keys: _Keys, update: Any, origin: Location
    ) -> None:
        if not isinstance(update, list):
            into.append(None)
            self._put(into, (*keys, len(into) - 1), update, origin)
            return
        for index, item in enumerate(update):
            into.append(None)
            self._put(into, (*keys, len(into) - 1), item, origin.child(index))

    def _put(self, owner: Any, keys: _Keys, value: Any, origin: Location) -> None:
        key = keys[-1]
        if isinstance(key, int) or isinstance(owner.get(key), dict | list):
            self._forget(keys)
        owner[key] = value
        place = self.location(keys).pointer
        if origin.source == self.document.source:
            start = f"{origin.pointer}/"
            for pointer, written in list(self.origins.items()):
                if pointer.startswith(start):
                    self.origins[f"{place}/{pointer.removeprefix(start)}"] = written
            origin = origin.written_at(self.origins)
        self.origins[place] = origin

    def _owned(self, keys: _Keys) -> Any:
        """The container at a place, as a copy that may be changed."""
        self.value = node = self._mine(self.value)
        for key in keys:
            node[key] = self._mine(node[key])
            node = node[key]
        return node

    def _mine(self, container: Any) -> Any:
        if id(container) in self._own:
            return container
        copied = container.copy()
        self._own[id(copied)] = copied
        return copied

    def _forget(self, keys: _Keys) -> None:
        pointer = self.location(keys).pointer
        gone = [one for one in self.origins if one.startswith(f"{pointer}/")]
        for one in gone:
            del self.origins[one]

    def _close_gap(self, keys: _Keys, removed: int, length: int) -> None:
        """Follows the items of a list behind one that is taken out."""
        before = dict(self.origins)
        self._forget(keys)
        place = self.location(keys)
        for pointer, origin in before.items():
            if not pointer.startswith(f"{place.pointer}/"):
                continue
            index, *rest = steps(pointer.removeprefix(place.pointer))
            if int(index) != removed:
                moved = place.child(int(index) - (int(index) > removed), *rest)
                self.origins[moved.pointer] = origin
        for old in range(removed + 1, length):
            now = place.child(old - 1).pointer
            self.origins.setdefault(now, place.child(old).written_at(before))


def _order(keys: _Keys) -> list[tuple[bool, int, str]]:
    return [
        (True, key, "") if isinstance(key, int) else (False, 0, key) for key in keys
    ]
