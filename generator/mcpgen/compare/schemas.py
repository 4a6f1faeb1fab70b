"""How two JSON Schemas of arguments differ, member by member (JSON Schema 2020-12).

A difference breaks agents when values that were taken may be refused now: a member
that is gone or newly required, a type, value or branch less, a tighter bound. Wider
schemas, other words, formats and defaults do not. What can't be judged counts as
breaking.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcpgen_runtime.components import Schema

_LEAST = (
    "minimum",
    "exclusiveMinimum",
    "minLength",
    "minItems",
    "minProperties",
    "minContains",
)
_MOST = (
    "maximum",
    "exclusiveMaximum",
    "maxLength",
    "maxItems",
    "maxProperties",
    "maxContains",
)
_WORDS = frozenset(
    {
        "$comment",
        "deprecated",
        "description",
        "discriminator",
        "example",
        "examples",
        "externalDocs",
        "readOnly",
        "title",
        "writeOnly",
        "xml",
    }
)
_ADVICE = ("default", "format")
_BRANCHES = ("anyOf", "oneOf")
_JUDGED = frozenset(
    {
        *(*_LEAST, *_MOST, *_WORDS, *_ADVICE, *_BRANCHES),
        *("$defs", "additionalProperties", "const", "enum", "items", "properties"),
        *("required", "type", "uniqueItems"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`where` is the member, `lines[].quantity`; `text` a sentence about it."""

    where: str
    text: str
    breaking: bool


def differences(old: Schema, new: Schema) -> tuple[Difference, ...]:
    """What differs between two object schemas, each with its own `$defs`.

    A shared schema is looked at where it is met first.
    """
    if old == new:
        return ()
    comparison = _Comparison(old.get("$defs", {}), new.get("$defs", {}))
    return tuple(dict.fromkeys(comparison.of(old, new, "")))


class _Comparison:
    """`met` has the pairs that are being looked at, and so differ nowhere else: a
    schema may refer to itself."""

    def __init__(
        self,
        old: Mapping[str, Schema],
        new: Mapping[str, Schema],
        met: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._old, self._new = old, new
        self._touched = _touched(old, new)
        self._met = set(met)

    def of(self, old: Any, new: Any, where: str) -> Iterator[Difference]:
        if old == new and not _names(old) & self._touched:
            return
        pair = _reference(old), _reference(new)
        if not all(pair) and _names(old) | _names(new):
            pair = json.dumps(old), json.dumps(new)
        if all(pair):
            if pair in self._met:
                return
            self._met.add(pair)
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        was, now = _branches(old), _branches(new)
        if len(was) == len(now) == 1:
            yield from self._plain(old, new, where)
        else:
            yield from self._branched(was, now, where)

    def _branched(
        self, was: Sequence[Any], now: Sequence[Any], where: str
    ) -> Iterator[Difference]:
        def same(one: Any, other: Any) -> bool:
            return self._takes(other, one) and self._takes(other, one, back=True)

        gone = [old for old in was if not any(same(old, new) for new in now)]
        more = [new for new in now if not any(same(old, new) for old in was)]
        if len(gone) == len(more) == 1:
            yield from self.of(gone[0], more[0], where)
            return
        for one in gone:
            if not any(self._takes(new, one) for new in now):
                text = f"no longer takes {_told(one)}"
                yield Difference(where=where, text=text, breaking=True)
        for one in more:
            text = f"also takes {_told(one)}"
            yield Difference(where=where, text=text, breaking=False)
        if not gone and not more:
            yield Difference(where=where, text="is in other words", breaking=False)

    def _takes(self, new: Any, old: Any, *, back: bool = False) -> bool:
        """Whether whatever `old` allows is allowed by `new`, or the other way round."""
        if back:
            met = {(now, was) for was, now in self._met}
            aside = _Comparison(self._new, self._old, met).of(new, old, "")
        else:
            aside = _Comparison(self._old, self._new, self._met).of(old, new, "")
        return not any(one.breaking for one in aside)

    def _plain(self, old: Schema, new: Schema, where: str) -> Iterator[Difference]:
        yield from _types(old, new, where)
        yield from _values(old, new, where)
        yield from _bounds(old, new, where)
        yield from self._members(old, new, where)
        yield from self._nested(old, new, where)
        if any(old.get(word) != new.get(word) for word in _WORDS):
            yield Difference(where=where, text="is in other words", breaking=False)
        for keyword in _ADVICE:
            if old.get(keyword) != new.get(keyword):
                yield _changed(keyword, old, new, where, breaking=False)
        for keyword in sorted({*old, *new} - _JUDGED):
            if not keyword.startswith("x-") and old.get(keyword) != new.get(keyword):
                yield _changed(keyword, old, new, where, breaking=keyword in new)

    def _members(self, old: Schema, new: Schema, where: str) -> Iterator[Difference]:
        was, now = old.get("properties", {}), new.get("properties", {})
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        for name in {**was, **now}:
            at = f"{where}.{name}" if where else name
            if name not in now:
                yield Difference(where=at, text="is gone", breaking=True)
            elif name not in was:
                required = name in needs
                text = "is new and required" if required else "is new, and optional"
                yield Difference(where=at, text=text, breaking=required)
            else:
                if (name in needed) != (name in needs):
                    state = "required" if name in needs else "optional"
                    yield Difference(
                        where=at, text=f"is {state} now", breaking=name in needs
                    )
                yield from self.of(was[name], now[name], at)

    def _nested(self, old: Schema, new: Schema, where: str) -> Iterator[Difference]:
        for keyword, step in (("items", "[]"), ("additionalProperties", ".*")):
            was, now = old.get(keyword, True), new.get(keyword, True)
            if was == now and not isinstance(was, Mapping):
                continue
            if now is False:
                text = "takes no other members now"
                yield Difference(where=where, text=text, breaking=True)
            elif was is False:
                text = "takes other members now"
                yield Difference(where=where, text=text, breaking=False)
            else:
                yield from self.of(was, now, f"{where}{step}")


def _touched(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> set[str]:
    """The shared schemas that differ, themselves or in what they refer to."""
    found = {name for name in {**old, **new} if old.get(name) != new.get(name)}
    uses = {name: _names(schema) for name, schema in new.items()}
    while more := {one for one, used in uses.items() if used & found} - found:
        found |= more
    return found


def _names(schema: Any) -> set[str]:
    """The shared schemas that a schema names, at any depth."""
    if isinstance(schema, Mapping):
        own = {_reference(schema).removeprefix("#/$defs/")} - {""}
        return own.union(*map(_names, schema.values()))
    return set().union(*map(_names, schema)) if isinstance(schema, list) else set()


def _types(old: Schema, new: Schema, where: str) -> Iterator[Difference]:
    was, now = _type_set(old), _type_set(new)
    if was == now:
        return
    breaking = now is not None and (was is None or not was <= now)
    yield Difference(
        where=where,
        text=f"is {_type_told(new)}, was {_type_told(old)}",
        breaking=breaking,
    )


def _values(old: Schema, new: Schema, where: str) -> Iterator[Difference]:
    was, now = _enum(old), _enum(new)
    if was is None and now is not None:
        text = f"takes only {_listed(now)}"
        yield Difference(where=where, text=text, breaking=True)
    elif was is not None and now is None:
        yield Difference(where=where, text="takes any value", breaking=False)
    elif was is not None and now is not None:
        for text, values, breaking in (
            ("no longer takes", [one for one in was if one not in now], True),
            ("also takes", [one for one in now if one not in was], False),
        ):
            if values:
                text = f"{text} {_listed(values)}"
                yield Difference(where=where, text=text, breaking=breaking)


def _bounds(old: Schema, new: Schema, where: str) -> Iterator[Difference]:
    for keyword in (*_LEAST, *_MOST):
        was, now = old.get(keyword), new.get(keyword)
        if was == now:
            continue
        tighter = now is not None and (
            was is None or (now > was if keyword in _LEAST else now < was)
        )
        yield _changed(keyword, old, new, where, breaking=tighter)
    if bool(old.get("uniqueItems")) != bool(new.get("uniqueItems")):
        breaking = bool(new.get("uniqueItems"))
        yield _changed("uniqueItems", old, new, where, breaking=breaking)


def _changed(
    keyword: str, old: Schema, new: Schema, where: str, *, breaking: bool
) -> Difference:
    if keyword not in old:
        text = f"has {keyword} {_shown(new[keyword])}"
    elif keyword not in new:
        text = f"has no {keyword}, was {_shown(old[keyword])}"
    else:
        text = f"has {keyword} {_shown(new[keyword])}, was {_shown(old[keyword])}"
    return Difference(where=where, text=text, breaking=breaking)


def _reference(schema: Any) -> str:
    return str(schema.get("$ref", "")) if isinstance(schema, Mapping) else ""


def _resolved(
    schema: Any, shared: Mapping[str, Schema], above: frozenset[str] = frozenset()
) -> Schema:
    """A schema without references at its top, and with what its `allOf` adds to it."""
    met = set(above)
    while reference := _reference(schema):
        name = reference.removeprefix("#/$defs/")
        siblings = {key: one for key, one in schema.items() if key != "$ref"}
        schema = siblings if name in met else {**shared.get(name, {}), **siblings}
        met.add(name)
    if not isinstance(schema, Mapping):
        return {"not": {}} if schema is False else {}
    whole: Schema = {key: one for key, one in schema.items() if key != "allOf"}
    for part in schema.get("allOf", ()):
        whole = _joined(whole, _resolved(part, shared, frozenset(met)))
    return whole


def _joined(one: Schema, other: Schema) -> Schema:
    """What holds both schemas; where they say different things of the same, the first."""
    joined = {**other, **one}
    if "properties" in one and "properties" in other:
        joined["properties"] = {**other["properties"], **one["properties"]}
    if "required" in one and "required" in other:
        joined["required"] = [*one["required"], *other["required"]]
    return joined


def _branches(schema: Schema) -> Sequence[Any]:
    """The alternatives, where a schema is nothing but a choice among some."""
    for keyword in _BRANCHES:
        rest = schema.keys() - _WORDS - {*_ADVICE, keyword}
        if keyword in schema and not rest:
            return list(schema[keyword])
    return [schema]


def _type_set(schema: Schema) -> set[str] | None:
    declared = schema.get("type")
    if declared is None:
        return None
    types = {declared} if isinstance(declared, str) else set(declared)
    return types | {"integer"} if "number" in types else types


def _type_told(schema: Schema) -> str:
    declared = schema.get("type", "of any type")
    return declared if isinstance(declared, str) else " or ".join(declared)


def _told(schema: Any) -> str:
    if isinstance(schema, Mapping):
        if reference := _reference(schema):
            return reference.removeprefix("#/$defs/")
        if (values := _enum(schema)) is not None:
            return _listed(values)
        if "type" in schema:
            return _type_told(schema)
    return _shown(schema)


def _enum(schema: Schema) -> list[str] | None:
    """The values that a schema allows, as JSON."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else [json.dumps(one) for one in values]


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
