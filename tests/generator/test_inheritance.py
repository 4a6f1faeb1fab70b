"""Types that inherit from a base with a discriminator: what a value of it can be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from jsonschema import Draft202012Validator

from .test_schema import Advertised

ANIMAL = {"$ref": "#/components/schemas/Animal"}
BASE: dict[str, Any] = {
    "type": "object",
    "discriminator": {"propertyName": "kind"},
    "required": ["kind"],
    "properties": {"kind": {"type": "string"}, "name": {"type": "string"}},
}


def below(base: str, **members: Any) -> dict[str, Any]:
    own = {"type": "object", "properties": members, "required": [*members]}
    return {"allOf": [{"$ref": f"#/components/schemas/{base}"}, own]}


def told(kind: Any) -> dict[str, Any]:
    return {"kind": {"type": "string", "enum": [kind]}}


def mapped(**mapping: str) -> dict[str, Any]:
    return {**BASE, "discriminator": {"propertyName": "kind", "mapping": mapping}}


CAT = below("Animal", claws={"type": "integer"}, friend=ANIMAL)
LION = below("Cat", mane={"type": "boolean"})
LONE: dict[str, Any] = {"kind": "Animal"}
A_CAT: dict[str, Any] = {"kind": "Cat", "claws": 1, "friend": LONE}
A_LION: dict[str, Any] = {**A_CAT, "kind": "Lion", "mane": True}


@pytest.mark.parametrize(
    ("components", "right", "wrong"),
    [
        (
            {"Animal": BASE, "Cat": CAT, "Lion": LION},
            [A_CAT, A_LION, LONE, {**A_CAT, "friend": A_LION}],
            [
                {"kind": "Cat"},
                {**A_CAT, "kind": "Lion"},
                {"kind": "Dog"},
                {**A_CAT, "friend": {"kind": "Cat"}},
            ],
        ),
        (  # A base that the mapping doesn't name is never a value.
            {
                "Animal": mapped(c="Cat", x="#/components/schemas/Cat"),
                "Cat": below("Animal", claws={}),
            },
            [{"kind": "c", "claws": 1}, {"kind": "x", "claws": 1}],
            [{"kind": "x"}, {"kind": "Cat", "claws": 1}, LONE],
        ),
        (
            {
                "Animal": mapped(c="Cat", a="Animal"),
                "Cat": below("Animal", claws={}),
            },
            [{"kind": "c", "claws": 1}, {"kind": "a"}],
            [LONE],
        ),
        (  # The base allows what its subtypes go by, written in another way.
            {
                "Animal": BASE
                | {"properties": {"kind": {"type": "string", "enum": ["big_cat"]}}},
                "BigCat": below("Animal", claws={}),
            },
            [{"kind": "big_cat", "claws": 1}],
            [{"kind": "big_cat"}, {"kind": "BigCat", "claws": 1}],
        ),
        (  # A subtype says itself what it goes by.
            {
                "Animal": BASE,
                "Cat": {
                    "allOf": [ANIMAL, {"properties": told("cat"), "required": ["x"]}]
                },
            },
            [{"kind": "cat", "x": 1}, LONE],
            [{"kind": "cat"}],
        ),
        (  # Where the base needn't say what it is.
            {"Animal": BASE | {"required": []}, "Cat": below("Animal", claws={})},
            [{}, {"name": "x"}, {"kind": "Cat", "claws": 1}],
            [{"kind": "Cat"}],
        ),
    ],
)
def test_a_base_is_one_of_its_subtypes(
    advertised: Advertised,
    components: dict[str, Any],
    right: list[Any],
    wrong: list[Any],
) -> None:
    schema = advertised(ANIMAL, version="3.0.3", **components)
    validator = Draft202012Validator(schema)
    for value in right:
        validator.validate({"body": value})
    for value in wrong:
        assert not validator.is_valid({"body": value}), value


@pytest.mark.parametrize(
    ("body", "means_any"),
    [
        ({"type": "array", "items": ANIMAL}, True),
        ({"allOf": [ANIMAL], "description": "The one to feed."}, True),
        ({"allOf": [ANIMAL], "nullable": True}, True),
        ({"oneOf": [ANIMAL, {"type": "string"}]}, True),
        ({"oneOf": [ANIMAL, {"$ref": "#/components/schemas/Cat"}]}, False),
        ({"allOf": [ANIMAL, {"required": ["name"]}]}, False),
        ({"$ref": "#/components/schemas/Cat"}, False),
    ],
)
def test_where_any_of_them_is_meant(
    advertised: Advertised, body: Any, means_any: bool
) -> None:
    found = advertised(
        body, version="3.0.3", Animal=BASE, Cat=below("Animal", claws={})
    )
    assert ("AnyAnimal" in found.get("$defs", {})) is means_any


def test_the_name_is_that_of_no_component(advertised: Advertised) -> None:
    any_animal = below("Animal", claws={})
    found = advertised(ANIMAL, version="3.0.3", Animal=BASE, AnyAnimal=any_animal)
    assert found["properties"]["body"] == {"$ref": "#/$defs/AnyAnimal_2"}


def test_too_many_subtypes_are_not_listed(
    mcpgen: Callable[..., Result], tmp_path: Path
) -> None:
    pet = {"name": "pet", "in": "body", "schema": {"$ref": "#/definitions/Animal"}}
    parent = {"$ref": "#/definitions/Animal"}
    document = {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "host": "t.example",
        "paths": {"/x": {"post": {"parameters": [pet]}}},
        "definitions": {
            "Animal": BASE | {"discriminator": "kind"},
            **{
                f"Kind{n}": {"allOf": [parent, {"properties": {f"of{n}": {}}}]}
                for n in range(300)
            },
        },
    }
    (tmp_path / "spec.json").write_text(json.dumps(document))
    result = mcpgen("spec.json", "-o", "out", "-v", cwd=tmp_path)
    assert "note[subtypes]" in result.output
    (catalog,) = (tmp_path / "out").glob("*/catalog.jsonl")
    assert "Kind1" not in catalog.read_text()
