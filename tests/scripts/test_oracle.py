"""The oracle finds nothing in a good server, and its judges see what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from first_judge import FirstJudge
from harness import ROOT, SPECS
from original import Original
from sample_values import Size, Unsatisfiable, sample
from second_judge import ABSENT, Given, SecondJudge

BASE = "https://api.test/v1"
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {
        "/pets/{id}": {
            "put": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {}},
                    {"name": "tag", "in": "query", "schema": {"type": "array"}},
                    {"name": "X-H", "in": "header", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"age": {"type": "integer"}},
                            }
                        }
                    }
                },
                "responses": {},
            }
        }
    },
}
GIVEN = Given(
    {("path", "id"): "a b", ("query", "tag"): ["x", "y"], ("header", "X-H"): "h"},
    {"age": 5},
)


def request(
    path: str = "/pets/a%20b?tag=x&tag=y",
    body: bytes = b'{"age":5}',
    method: str = "PUT",
    **headers: str,
) -> httpx.Request:
    sent = {"X-H": "h", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Request(method, BASE + path, headers=sent, content=body)


@pytest.fixture
def judge(tmp_path: Path) -> SecondJudge:
    (tmp_path / "spec.json").write_text(json.dumps(DOCUMENT))
    return SecondJudge(Original(tmp_path / "spec.json"), "/pets/{id}", "put", BASE)


def test_both_judges_accept_what_is_right(judge: SecondJudge) -> None:
    assert judge.objections(request(), GIVEN) == []
    first = FirstJudge(DOCUMENT, "file:///spec.json", "/pets/{id}", BASE, ())
    opinion = first.read(request())
    assert opinion.objections == ()
    assert opinion.values["query", "tag"] == ["x", "y"]
    assert opinion.body == {"age": 5}


@pytest.mark.parametrize(
    "wrong",
    [
        request(method="POST"),
        request("/pets/a%20c?tag=x&tag=y"),
        request("/pet/a%20b?tag=x&tag=y"),
        request("/pets/a%20b/c?tag=x&tag=y"),
        request("/pets/a%20b?tag=x,y"),
        request("/pets/a%20b?tag=x&tag=y&other=1"),
        request("/pets/a%20b"),
        request(X_H="other"),
        request(X_More="h"),
        request(Cookie="a=1"),
        request(body=b'{"age":"5"}'),
        request(body=b'{"age":5,"name":"x"}'),
        request(body=b"age=5"),
        request(body=b""),
        request(Content_Type="text/plain"),
    ],
)
def test_the_second_judge_sees_what_is_wrong(
    judge: SecondJudge, wrong: httpx.Request
) -> None:
    assert judge.objections(wrong, GIVEN)


def test_the_second_judge_applies_the_schemas(judge: SecondJudge) -> None:
    given = Given(GIVEN.values, {"age": "5"})
    assert judge.objections(request(body=b'{"age":"5"}'), given)
    given = Given(GIVEN.values, ABSENT)
    assert judge.objections(request(), given)


@pytest.mark.parametrize("size", ["least", "some", "most"])
def test_samples_are_valid_and_repeatable(size: Size) -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 3, "maxLength": 5},
            "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"},
            "step": {"type": "integer", "minimum": 7, "multipleOf": 5},
            "tree": {"$ref": "#/$defs/Tree"},
            "one": {"oneOf": [{"const": "a"}, {"type": "integer", "maximum": -1}]},
            "all": {"allOf": [{"type": "object", "required": ["x"]}, {"properties": {"x": {"type": "null"}}}]},
        },
        "required": ["name", "step", "tree"],
        "additionalProperties": False,
        "$defs": {"Tree": {"type": "object", "properties": {"leaves": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}},
    }  # fmt: skip
    made = sample(schema, "seed", size)
    jsonschema.validate(made, schema)
    assert made == sample(schema, "seed", size)
    assert "code" in made or size != "most"


def test_what_no_value_satisfies_is_said() -> None:
    schema = {"type": "object", "properties": {"a": False}, "required": ["a"]}
    with pytest.raises(Unsatisfiable):
        sample(schema, "seed", "least")


def test_a_folder(tmp_path: Path) -> None:
    for name in ("shop.yaml", "minimal.yaml"):
        (tmp_path / name).write_bytes((SPECS / name).read_bytes())
    (tmp_path / "old.json").write_text('{"swagger": "2.0", "paths": {}}')
    done = subprocess.run(
        [
            sys.executable,
            ROOT / "scripts" / "oracle.py",
            tmp_path,
            "--json",
            "all.json",
        ],
        capture_output=True,
        cwd=tmp_path,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shop = json.loads((tmp_path / "all.json").read_text())[2]
    assert shop["spec"] == "shop.yaml"
    assert shop["requests"] == shop["accepted"] == shop["answers"] > 45
    assert "(100.00 % in all), 0 faults" in done.stdout.splitlines()[-1]


SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "T", "version": "1"},
    "consumes": ["application/json"],
    "parameters": {"Tag": {"name": "tag", "in": "query", "type": "array", "items": {"type": "string"}}},
    "definitions": {"Pet": {"type": "object", "properties": {"age": {"type": "integer"}}}},
    "paths": {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
            "put": {
                "parameters": [
                    {"$ref": "#/parameters/Tag"},
                    {"name": "X-H", "in": "header", "type": "string"},
                    {"name": "pet", "in": "body", "schema": {"$ref": "#/definitions/Pet"}},
                ],
                "responses": {},
            },
            "post": {
                "consumes": ["application/x-www-form-urlencoded"],
                "parameters": [
                    {"name": "n", "in": "formData", "type": "integer", "required": True},
                    {"name": "l", "in": "formData", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"},
                ],
                "responses": {},
            },
        }
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "is_right"),
    [
        (request("/pets/a%20b?tag=x,y"), True),
        (request("/pets/a%20b?tag=x&tag=y"), False),
        (request("/pets/a%20b?tag=x,y", body=b'{"age":"5"}'), False),
        (request("/pets/a%20b?tag=x,y", Content_Type="text/plain"), False),
        (request("/pets/a%2Fb?tag=x,y"), False),
    ],
)
def test_the_judges_read_swagger(
    sent: httpx.Request, is_right: bool, tmp_path: Path
) -> None:
    (tmp_path / "old.json").write_text(json.dumps(SWAGGER))
    original = Original(tmp_path / "old.json")
    second = SecondJudge(original, "/pets/{id}", "put", BASE)
    assert (not second.objections(sent, GIVEN)) is is_right
    root = original.root
    first = FirstJudge(root.value, root.uri, "/pets/{id}", BASE, ())
    opinion = first.read(sent)
    read = (opinion.values.get(("query", "tag")), opinion.body)
    assert not is_right or read == (["x", "y"], {"age": 5})


@pytest.mark.parametrize(
    ("body", "is_right"),
    [(b"n=5&l=a&l=b", True), (b"n=5&l=a,b", False), (b"n=x&l=a&l=b", False)],
)
def test_the_judges_read_the_forms_of_swagger(
    body: bytes, is_right: bool, tmp_path: Path
) -> None:
    (tmp_path / "old.json").write_text(json.dumps(SWAGGER))
    judge = SecondJudge(Original(tmp_path / "old.json"), "/pets/{id}", "post", BASE)
    sent = httpx.Request(
        "POST",
        f"{BASE}/pets/1",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        content=body,
    )
    given = Given({("path", "id"): "1"}, {"n": 5, "l": ["a", "b"]})
    assert (not judge.objections(sent, given)) is is_right
