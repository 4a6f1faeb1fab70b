"""Overlays: each kind of action on each kind of value, and files that are none."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from mcpgen.diagnostics import Location, Report
from mcpgen.load import Document, Documents
from mcpgen.load.disk import Disk
from mcpgen.load.overlay import overlaid

VALUE: dict[str, Any] = {
    "a": {"x": 1, "list": [1, 2, 3], "deep": {"y": {"z": 1}}},
    "b": [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}],
}


def applied(
    folder: Path, actions: list[dict[str, Any]], value: Any = VALUE
) -> tuple[Documents, list[str]]:
    path = folder / "overlay.json"
    path.write_text(json.dumps({"overlay": "1.1.0", "actions": actions}))
    report = Report()
    root = Document(source="root", text="", format="json", value=value)
    found = overlaid(root, [str(path)], Disk(), report)
    return found, [one.message for one in report.diagnostics]


@pytest.mark.parametrize(
    ("target", "action", "path", "result"),
    [
        ("$.a", {"update": {"x": 2, "new": [4]}}, "a x", 2),
        ("$.a", {"update": {"list": [4]}}, "a list", [1, 2, 3, 4]),
        ("$.a", {"update": {"list": None}}, "a list", None),
        ("$.a", {"update": {"deep": {"y": {"w": 2}}}}, "a deep y", {"z": 1, "w": 2}),
        ("$.a.list", {"update": [4, 5]}, "a list", [1, 2, 3, 4, 5]),
        ("$.a.list", {"update": {"k": 1}}, "a list", [1, 2, 3, {"k": 1}]),
        ("$.a.x", {"update": "one"}, "a x", "one"),
        ("$.b[*]", {"update": {"m": 0}}, "b 3", {"n": 4, "m": 0}),
        ("$.b[?@.n > 1 && @.n < 4]", {"remove": True}, "b", [{"n": 1}, {"n": 4}]),
        ("$..z", {"remove": True}, "a deep y", {}),
        ("$.a", {"remove": True, "update": {"x": 2}}, "", {"b": VALUE["b"]}),
        ("$.a.deep", {"copy": "$.b[0]"}, "a deep", {"y": {"z": 1}, "n": 1}),
        ("$.a.list", {"copy": "$.b[0].n"}, "a list", [1, 2, 3, 1]),
        ("$", {"update": {"c": 1}}, "c", 1),
    ],
)
def test_actions(
    tmp_path: Path, target: str, action: dict[str, Any], path: str, result: Any
) -> None:
    before = copy.deepcopy(VALUE)
    found, messages = applied(tmp_path, [{"target": target, **action}])
    value = found.root.value
    for key in path.split():
        value = value[int(key) if isinstance(value, list) else key]
    assert value == result
    assert messages == []
    assert before == VALUE


def test_what_is_shared_is_changed_in_one_place(tmp_path: Path) -> None:
    shared = {"x": 1}
    found, _ = applied(
        tmp_path,
        [
            {"target": "$.a", "update": {"x": 2}},
            {"target": "$", "update": {"c": {}}},
            {"target": "$.c", "copy": "$"},
            {"target": "$.c.a", "update": {"x": 3}},
            {"target": "$['b', 'd']", "update": {"new": {}}},
            {"target": "$.b.new", "update": {"y": 1}},
        ],
        {"a": shared, "b": shared, "d": {}},
    )
    value = found.root.value
    assert (value["a"], value["c"]["a"]) == ({"x": 2}, {"x": 3})
    assert (value["b"], value["d"]) == ({"x": 1, "new": {"y": 1}}, {"new": {}})


def test_places_are_followed(tmp_path: Path) -> None:
    found, _ = applied(
        tmp_path,
        [
            {"target": "$.b[0]", "update": {"m": 0}},
            {"target": "$.b[1, 2]", "remove": True},
            {"target": "$.b", "update": [{"n": 5}]},
            {"target": "$.a.deep", "copy": "$.b[1]"},
        ],
    )
    overlay = str(tmp_path / "overlay.json")
    written = {
        "/b/0/n": Location("root", "/b/0/n"),
        "/b/0/m": Location(overlay, "/actions/0/update/m"),
        "/b/1/n": Location("root", "/b/3/n"),
        "/b/2/n": Location(overlay, "/actions/2/update/0/n"),
        "/a/deep/n": Location("root", "/b/3/n"),
        "/a/deep/y": Location("root", "/a/deep/y"),
    }
    for pointer, place in written.items():
        assert found.written_at(Location("root", pointer)) == place


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"target": "$.none", "remove": True}, "matches nothing"),
        ({"target": "$.a", "update": 5}, "doesn't fit"),
        ({"target": "$.a.x", "update": {}}, "doesn't fit"),
        ({"target": "$.a", "copy": "$.none"}, "must match one value, and matches 0"),
        ({"target": "a.b", "remove": True}, "not a JSONPath expression"),
        ({"target": "$[?match(@.a, 'b')", "update": {}}, "not a JSONPath expression"),
        ({"target": 5}, "has no `target`"),
        ({"target": "$.a"}, "changes nothing"),
        ({"target": "$", "remove": True}, "can't be removed"),
    ],
)
def test_what_changes_nothing_is_said(
    tmp_path: Path, action: dict[str, Any], said: str
) -> None:
    found, (message,) = applied(tmp_path, [action])
    assert said in message
    assert found.root.value == VALUE


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        (None, "the overlay can't be read: no such file"),
        ("a: b: c", "overlay:1:5: error[syntax]: the overlay is not YAML"),
        ("openapi: 3.1.0", "an overlay starts with `overlay: 1.0.0`"),
        ("overlay: 2.0.0", "an overlay starts with `overlay: 1.0.0`"),
        ("overlay: 1.0.0", "the overlay has no list of `actions`"),
        ("- overlay", "the overlay doesn't say that it is one"),
    ],
)
def test_files_that_are_no_overlays(
    tmp_path: Path, mcpgen: Callable[..., Result], overlay: str | None, said: str
) -> None:
    (tmp_path / "api.yaml").write_text("openapi: 3.1.0\npaths: {/x: {get: {}}}")
    if overlay is not None:
        (tmp_path / "overlay").write_text(overlay)
    result = mcpgen("api.yaml", "-o", "out", "--overlay", "overlay", cwd=tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "out").exists()
