"""What layout.py folds by itself is what black makes of it."""

from __future__ import annotations

import black
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mcpgen.emit import layout
from mcpgen.emit.layout import laid_out

names = st.text("aBc_d", min_size=1, max_size=60).map(lambda text: f"N{text}")
texts = st.text("ab'(,|[ ]é漢\\\"", max_size=30)
literals = st.lists(texts, min_size=1, max_size=8, unique=True).map(
    lambda values: f"Literal[{', '.join(map(repr, values))}]"
)
types = st.recursive(
    names | literals | st.just("None"),
    lambda inner: st.one_of(
        inner.map(lambda one: f"list[{one}]"),
        inner.map(lambda one: f"dict[str, {one}]"),
        st.lists(inner, min_size=2, max_size=3).map(" | ".join),
    ),
    max_leaves=5,
)
fields = st.tuples(names, types, st.booleans()).map(
    lambda one: f"    {one[0]}: " + (f"NotRequired[{one[1]}]" if one[2] else one[1])
)
classes = st.tuples(
    names, st.lists(fields, min_size=1, max_size=4), st.sampled_from(["TypedDict"])
).map(lambda one: "\n".join([f"class {one[0]}({one[2]}):", *one[1]]))
functions = st.tuples(names, names, st.booleans()).map(
    lambda one: (
        f"async def {one[0]}(server: Server, /"
        + (f", **arguments: Unpack[_models.{one[1]}]" if one[2] else "")
        + f') -> Result:\n    return await server.call("{one[0]}", arguments)'
    )
)
aliases = st.tuples(names, types).map(lambda one: f"{one[0]}: TypeAlias = {one[1]}")


@settings(max_examples=150, deadline=None)
@given(st.lists(classes | functions | aliases, min_size=1, max_size=3))
@example([f'class A(TypedDict):\n    x: NotRequired[{"N" * 60} | Literal[""]]'])
@example([f"class {'A' * 80}(TypedDict):\n    x: int"])
@example([f"class A(TypedDict):\n    {'x' * 80}: list[int]"])
@example([f"class A(TypedDict):\n    {'x' * 50}: Literal[\"{'y' * 80}\"]"])
@example([f"class A(TypedDict):\n    x: dict[{'K' * 40}, list[{'V' * 50}]]"])
@example([f"class A(TypedDict):\n    x: Literal[{', '.join(map(str, range(40)))}]"])
@example([f"class A(TypedDict):\n    x: Literal[{'漢' * 30!r}, {'語' * 30!r}]"])
@example([f"A: TypeAlias = list[{'N' * 90}]"])
@example([f"A: TypeAlias = dict[{'K' * 50}, {'V' * 50}]"])
def test_modules_come_in_blacks_style(statements: list[str]) -> None:
    source = laid_out(statements)
    assert source == black.format_str(source, mode=black.Mode())
    expected = black.format_str("\n\n\n".join(statements) + "\n", mode=black.Mode())
    assert source == expected


def test_most_of_it_is_done_without_black(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ", ".join(f'"value_{number}"' for number in range(20))
    one = f"class {'A' * 80}(TypedDict):\n    x: NotRequired[list[Literal[{values}]]]"
    expected = laid_out([one])
    monkeypatch.delattr(layout, "black")
    assert laid_out([one]) == expected
