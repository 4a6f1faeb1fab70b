"""`[[prompts]]`: what is said of a slip, and which changes break who uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
SPEC = json.dumps(
    {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example"}],
        "paths": {"/items": {"get": {"operationId": "listItems", "responses": {}}}},
    }
)
PLAIN = """
[[prompts]]
name = "find"
arguments.topic = {}
messages = [{ text = "Find {topic}." }]
"""


def generated(mcpgen: Run, folder: Path, toml: str, output: str = "out") -> Result:
    (folder / "spec.json").write_text(SPEC)
    (folder / "mcpgen.toml").write_text(toml)
    return mcpgen("spec.json", "-o", output, cwd=folder)


@pytest.mark.parametrize(
    ("toml", "place", "message", "hint"),
    [
        (
            PLAIN.replace("{topic}", "{topik}"),
            "5:1",
            "`{topik}` is no argument of the prompt `find`",
            "did you mean topic?",
        ),
        (
            PLAIN.replace("{topic}", "{x} {{topic}}"),
            "5:1",
            "`{x}` is no argument",
            "say {{x}} for the text itself",
        ),
        (
            PLAIN.replace("{topic}", "{{topic}}"),
            "4:1",
            "no message of the prompt `find` has the argument `topic`",
            "put {topic} where it belongs",
        ),
        (PLAIN * 2, "8:1", "another prompt is called `find`", ""),
        (
            PLAIN.replace('"find"', '"import"'),
            "3:1",
            "`import` can't be the name of a prompt",
            "Python reserves",
        ),
        (PLAIN.replace('"find"', '"Find it"'), "3:1", "`name` can't have", "a-z"),
        (PLAIN.replace(".topic", '."a b"'), "4:1", "`a b` can't be a name", "Letters"),
        (PLAIN.replace("text =", "txt ="), "5:1", "`txt` is not a setting", "text?"),
        (
            PLAIN.replace('." }', '.", role = "system" }'),
            "5:1",
            "`role` must be one of user, assistant",
            "",
        ),
    ],
)
def test_a_slip_is_refused_with_its_place(
    toml: str, place: str, message: str, hint: str, mcpgen: Run, tmp_path: Path
) -> None:
    result = generated(mcpgen, tmp_path, toml)
    assert (result.exit_code, (tmp_path / "out").exists()) == (2, False)
    assert f"mcpgen.toml:{place}: error[setting]: {message}" in result.stderr
    assert hint in result.stderr


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        ("", ["breaking    prompt find: is gone"]),
        (
            PLAIN + PLAIN.replace("find", "seek"),
            ["compatible  prompt seek: is new"],
        ),
        (
            PLAIN.replace("topic = {}", "topic = {}\narguments.by = {}").replace(
                "{topic}", "{topic} {by}"
            ),
            [
                "breaking    prompt find: argument by: is new and required",
                "compatible  prompt find: has other messages",
            ],
        ),
        (
            PLAIN.replace("{}", '{ required = false, description = "What." }'),
            [
                "compatible  prompt find: argument topic: is optional now",
                "compatible  prompt find: argument topic: is in other words",
            ],
        ),
        (
            PLAIN.replace("{}", '{ enum = ["tea"] }'),
            ['breaking    prompt find: argument topic: takes only "tea"'],
        ),
        (
            PLAIN.replace("Find", "Look for"),
            ["compatible  prompt find: has other messages"],
        ),
    ],
)
def test_what_breaks(new: str, lines: list[str], mcpgen: Run, tmp_path: Path) -> None:
    """Of packages, and of a package and the document with its settings, the same."""
    generated(mcpgen, tmp_path, PLAIN, "old")
    generated(mcpgen, tmp_path, new, "new")
    for sides in (("old", "new"), ("old", "spec.json")):
        result = mcpgen("diff", *sides, cwd=tmp_path)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.splitlines()[:-1] == lines


def test_their_number_is_told(mcpgen: Run, tmp_path: Path) -> None:
    assert "0 templates, 1 prompt;" in generated(mcpgen, tmp_path, PLAIN).stderr
    assert "prompt" not in generated(mcpgen, tmp_path, "").stderr
    assert not (tmp_path / "out" / "shop_mcp" / "prompts.py").exists()


NASTY = '""" + __import__("os").mkdir("made") \\N{{BULLET}} {topic} %s {{ 7 * 7 }} \u202e \\'


def test_text_never_becomes_code(mcpgen: Run, tmp_path: Path) -> None:
    """What the source says, read as literals, is what the settings say."""
    toml = PLAIN.replace('"Find {topic}."', json.dumps(NASTY)).replace(
        "{}", f"{{ description = {json.dumps(NASTY)}, values = [{json.dumps(NASTY)}] }}"
    )
    assert generated(mcpgen, tmp_path, toml).exit_code == 0
    assert mcpgen("diff", "out", "spec.json", cwd=tmp_path).stdout == "no changes\n"
    assert mcpgen("check", "spec.json", "-o", "out", cwd=tmp_path).exit_code == 0
    compile((tmp_path / "out" / "shop_mcp" / "prompts.py").read_text(), "p", "exec")
