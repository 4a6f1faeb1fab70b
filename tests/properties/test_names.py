"""Whatever a document calls things, the names are safe, distinct and stay put."""

from __future__ import annotations

import keyword
import random
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from mcpgen.config import Config
from mcpgen.curate import curate
from mcpgen.diagnostics import Report
from mcpgen.load import Document, Documents
from mcpgen.name import Named, argument_names, name, slug
from mcpgen.operations import operations
from mcpgen.route import route
from mcpgen.spec import spec

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
ARGUMENT = re.compile(r"[A-Za-z0-9_.-]{1,64}")
VARIABLE = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")

# Few letters, so that names collide; signs and scripts, so that they must be changed.
few = st.text(alphabet="abAB19_-./{}[]$<>é世 ", min_size=1, max_size=12)
anything = st.one_of(few, st.text(max_size=90))
ids = st.one_of(st.none(), anything, st.sampled_from(["list", "import", "a" * 120]))
segments = st.one_of(st.sampled_from(["users", "v1", "{id}", "a-b"]), few)
paths = (
    st.lists(segments, max_size=4)
    .map(lambda parts: "/" + "/".join(parts))
    .filter(lambda path: "{}" not in path and not {".", ".."} & {*path.split("/")})
)
declared = st.dictionaries(
    st.tuples(paths, st.sampled_from(["get", "post", "put"])),
    st.fixed_dictionaries(
        {"operationId": ids, "tags": st.lists(anything, max_size=2)},
        optional={"x-mcp": st.fixed_dictionaries({"name": anything})},
    ),
    min_size=1,
    max_size=12,
)
wires = st.sets(
    st.tuples(st.sampled_from(["path", "query", "header", "cookie", "body"]), anything),
    max_size=12,
)


def named(given: list[tuple[tuple[str, str], dict[str, Any]]]) -> tuple[Named, ...]:
    items: dict[str, dict[str, Any]] = {}
    for (path, method), operation in given:
        items.setdefault(path, {})[method] = operation
    value = {"openapi": "3.1.0", "paths": items}
    document = Document(source="spec", text="", format="json", value=value)
    api = curate(
        operations(spec(Documents(root=document)), Report()), Config(), Report()
    )
    return name(route(api, Config(), Report()).served, api, Report())


@given(declared, st.randoms(use_true_random=False))
def test_components_have_safe_and_distinct_names_in_any_order(
    operations: dict[tuple[str, str], dict[str, Any]], chance: random.Random
) -> None:
    given = list(operations.items())
    found = named(given)
    assert len(found) == len(operations)
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert NAME.fullmatch(one.name)
        assert NAME.fullmatch(one.module)
        assert not keyword.iskeyword(one.name)
        assert not keyword.iskeyword(one.module)
    chance.shuffle(given)
    again = named(given)
    assert [(one.name, one.module) for one in again] == [
        (one.name, one.module) for one in found
    ]


@given(wires, st.booleans(), st.randoms(use_true_random=False))
def test_arguments_have_safe_and_distinct_names_in_any_order(
    wires: set[tuple[str, str]], in_uri: bool, chance: random.Random
) -> None:
    given = sorted(wires)
    found = argument_names(given, in_uri=in_uri)
    assert found.keys() == wires
    assert len(set(found.values())) == len(wires)
    for (_, wire), one in found.items():
        assert ARGUMENT.fullmatch(one)
        if in_uri:
            assert VARIABLE.fullmatch(one)
        elif ARGUMENT.fullmatch(wire) and sum(wire == w for _, w in wires) == 1:
            assert one == wire
    chance.shuffle(given)
    assert argument_names(given, in_uri=in_uri) == found


@given(anything)
def test_a_slug_is_always_a_name(title: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", slug(title))
    assert len(slug(title)) <= 44
