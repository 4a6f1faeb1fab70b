"""A large answer, cut to what a model can take in.

The rule: a cut answer is still what it was. JSON stays valid and keeps whole items, each
byte as the API wrote it; text keeps whole lines; bytes are never cut. Beside it stands
what was left out, and with which arguments of the operation it can be had.

JSON stands in a result twice, as text and as structured content. Both together stay
within the limit: where only one fits, it is the text, which every client reads, unless
the tool has promised an object.

Pure: values in, values out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import msgspec

from .components import Component
from .content import Result, text_block, text_of, with_text

_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ELLIPSIS: Final = "…"
_MOST_CUTS: Final = 5
_MOST_MEMBERS: Final = 1_000

_PAGE: Final = re.compile(
    r"page|page_?(no|num|number|index|token)|cursor|offset|skip|start|start_?(at|index)"
    r"|after|before|since_?id|max_?id|starting_after|ending_before|marker|continue"
    r"|next|next_?(page|token|page_?token|cursor)|continuation_?token"
)
_SIZE: Final = re.compile(
    r"limit|count|size|take|top|first|last|rows|n|per_?page|page_?(size|limit)|max"
    r"|max_?(results|items|records|keys|page_?size)|num(ber)?_?(of_?)?(results|items)"
)
_PARTS: Final = re.compile(r"fields?|select|include_?fields|expand|\w*_fields")


class Cut(NamedTuple):
    """What is missing at one place: `kept` of `total` items, lines or characters."""

    place: str
    kept: int
    total: int
    unit: str

    def __str__(self) -> str:
        of = f" of {self.place}" if self.place else ""
        return f"only the first {self.kept:,} of {self.total:,} {self.unit}{of}"


def excerpt(
    result: Result, component: Component, limit: int, limit_variable: str
) -> Result:
    """The result within `limit` bytes of text and structured content.

    `limit_variable` is the environment variable that the limit comes from.
    """
    sizes = [size(text_of(block)) for block in result.content]
    total = sum(sizes)
    if total + len(result.structured or b"") <= limit:
        return result
    if total <= limit and getattr(component, "output", None) is None:
        return replace(result, structured=None)
    room = limit // 2 if result.structured is not None else limit
    texts: list[str] = []
    cuts: list[Cut] = []
    shares = _shares(sizes, room)
    for index, (block, share) in enumerate(zip(result.content, shares, strict=True)):
        is_json = index == 0 and result.structured is not None
        text, found = shortened(text_of(block), share, is_json=is_json)
        texts.append(text)
        cuts += found
    left_out = _told(cuts, component, total, limit, limit_variable)
    blocks = (
        with_text(block, text) if text_of(block) else block
        for block, text in zip(result.content, texts, strict=True)
    )
    parts = (
        part if part.text is None else replace(part, text=text)
        for part, text in zip(result.parts, texts, strict=False)
    )
    return replace(
        result,
        content=(*blocks, text_block(left_out)),
        structured=None if result.structured is None else texts[0].encode(),
        text=result.text if result.text is None else texts[0],
        parts=tuple(parts),
        left_out=left_out,
    )


def shortened(text: str, limit: int, *, is_json: bool) -> tuple[str, list[Cut]]:
    """A text of at most `limit` bytes where that is possible, and what it lacks.

    `is_json`: the text is JSON without space between its tokens, and stays so.
    """
    if size(text) <= limit:
        return text, []
    if not is_json:
        return _lines(text, limit)
    shortener = _Json()
    try:
        shown = shortener.value(text.encode(), limit, "")
        return shown.decode(), shortener.cuts
    except RecursionError:
        return "null", [Cut("the answer", 0, len(text), "characters")]


def size(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


@dataclass(slots=True)
class _Json:
    """Cuts JSON, value by value, and remembers where."""

    cuts: list[Cut] = field(default_factory=list)

    def value(self, whole: bytes, limit: int, place: str) -> bytes:
        """A value in at most `limit` bytes."""
        if len(whole) <= limit:
            return whole
        match whole[:1]:
            case b"[":
                return self._array(whole, limit, place)
            case b"{":
                return self._object(whole, limit, place)
            case b'"':
                return self._string(whole, limit, place)
        return whole

    def _array(self, whole: bytes, limit: int, place: str) -> bytes:
        items = _ITEMS.decode(whole)
        kept = _leading(items, limit)
        if items and not kept:
            before = len(self.cuts)
            first = self.value(bytes(items[0]), limit - 2, f"{place}[0]")
            if len(first) <= limit - 2:
                kept = [first]
            else:
                del self.cuts[before:]
        if len(kept) < len(items):
            self.cuts.append(Cut(place, len(kept), len(items), "items"))
        return b"[%b]" % b",".join(kept)

    def _object(self, whole: bytes, limit: int, place: str) -> bytes:
        """A record of few large members keeps each, cut; one of many keeps the first."""
        members = _MEMBERS.decode(whole)
        before = len(self.cuts)
        record = self._record(members, limit, place)
        if record is not None and len(record) <= limit:
            return record
        del self.cuts[before:]
        kept = _leading([_head(k) + bytes(v) for k, v in members.items()], limit)
        self.cuts.append(Cut(place, len(kept), len(members), "members"))
        return b"{%b}" % b",".join(kept)

    def _record(
        self, members: Mapping[str, msgspec.Raw], limit: int, place: str
    ) -> bytes | None:
        if len(members) > _MOST_MEMBERS:
            return None
        heads = [_head(name) for name in members]
        room = limit - 1 - sum(len(head) + 1 for head in heads)
        sizes = [len(value) for value in members.values()]
        shares = _shares(sizes, max(room, 0))
        large = sum(share < one for share, one in zip(shares, sizes, strict=True))
        if large > _MOST_CUTS:
            return None
        kept: list[bytes] = []
        for (name, value), head, share in zip(
            members.items(), heads, shares, strict=True
        ):
            inner = f"{place}.{name}" if place else name
            kept.append(head + self.value(bytes(value), share, inner))
        return b"{%b}" % b",".join(kept)

    def _string(self, whole: bytes, limit: int, place: str) -> bytes:
        content: str = json.loads(whole)
        head = _beginning(content, max(limit - 2 - size(_ELLIPSIS), 0))
        while size(shown := json.dumps(head + _ELLIPSIS, ensure_ascii=False)) > limit:
            if not head:
                break
            head = head[: len(head) * 9 // 10]
        self.cuts.append(Cut(place, len(head), len(content), "characters"))
        return shown.encode()


def _leading(parts: Iterable[bytes | msgspec.Raw], limit: int) -> list[bytes]:
    """As many parts from the start as fit between brackets."""
    kept: list[bytes] = []
    room = limit - 1  # the last part has no comma
    for part in parts:
        room -= len(part) + 1
        if room < 0:
            break
        kept.append(bytes(part))
    return kept


def _head(name: str) -> bytes:
    """A member without its value."""
    return json.dumps(name, ensure_ascii=False).encode() + b":"


def _lines(text: str, limit: int) -> tuple[str, list[Cut]]:
    lines = text.splitlines(keepends=True)
    kept = 0
    room = limit
    while room >= size(lines[kept]):
        room -= size(lines[kept])
        kept += 1
    if kept:
        return "".join(lines[:kept]), [Cut("", kept, len(lines), "lines")]
    head = _beginning(text, limit)
    return head, [Cut("", len(head), len(text), "characters")]


def _beginning(text: str, limit: int) -> str:
    """As many characters from the start as fit."""
    return text.encode("utf-8", "surrogatepass")[:limit].decode("utf-8", "ignore")


def _shares(sizes: Sequence[int], room: int) -> list[int]:
    """What each of several texts may have: the small ones all, the large ones alike."""
    shares = [0] * len(sizes)
    waiting = sorted(range(len(sizes)), key=sizes.__getitem__)
    for done, index in enumerate(waiting):
        shares[index] = min(sizes[index], room // (len(waiting) - done))
        room -= shares[index]
    return shares


def _told(
    cuts: Sequence[Cut],
    component: Component,
    total: int,
    limit: int,
    limit_variable: str,
) -> str:
    shown = [str(cut) for cut in cuts[:_MOST_CUTS]]
    if len(cuts) > _MOST_CUTS:
        shown.append(f"and less of {len(cuts) - _MOST_CUTS:,} other values")
    pages, sizes, parts = (
        [
            argument.name
            for argument in component.shown
            if pattern.fullmatch(_plain(argument.wire_name))
        ]
        for pattern in (_PAGE, _SIZE, _PARTS)
    )
    ways: list[str] = []
    if sizes:
        ways.append(f"give a smaller {' or '.join(sizes)}")
    if pages:
        ways.append(f"go on with {' or '.join(pages)}")
    if parts:
        ways.append(f"ask for less with {' or '.join(parts)}")
    advice = (
        f"To get what is missing, {', '.join(ways)}."
        if ways
        else f"{component.name} has no argument for a smaller page; ask for something "
        f"narrower, or let the operator raise {limit_variable}."
    )
    return (
        f"This answer is cut: it has {total:,} bytes, and the limit is {limit:,}. "
        f"It holds {'; '.join(shown)}. {advice}"
    )


def _plain(name: str) -> str:
    """`pageSize`, `page[size]` and `Page-Size` as `page_size`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return "_".join(filter(None, re.split(r"[^A-Za-z0-9]+", words))).lower()
