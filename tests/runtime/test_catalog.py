"""The catalog gives back exactly the entries that were written into it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcpgen_runtime.catalog import Catalog, line

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


@given(TEXT | st.sampled_from(['","at":"', '{"entry":', ',"entry":{}', "\\", '"']))
def test_any_key_and_entry_survive(text: str) -> None:
    written = line("template", text, "pets.get_pet", {"name": text, "n": [1, {}]})
    entry = Catalog.parse(written.encode() + b"\n").find("template", text)
    assert entry is not None
    assert entry[:3] == ("template", text, "pets.get_pet")
    assert json.loads(entry.entry) == {"name": text, "n": [1, {}]}


def test_entries_are_served_as_they_were_written(tmp_path: Path) -> None:
    lines = [
        line("tool", "add", "pets.add", {"name": "add", "title": "Größe"}),
        line("tool", "drop", "pets.drop", {"name": "drop"}),
        line("resource", "api://x/pets", "pets.pets", {"uri": "api://x/pets"}),
    ]
    (tmp_path / "catalog.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    catalog = Catalog.read(tmp_path / "catalog.jsonl")
    assert [entry.entry.decode() for entry in catalog.entries("tool")] == [
        '{"name":"add","title":"Größe"}',
        '{"name":"drop"}',
    ]
    assert [entry.key for entry in catalog.entries("resource")] == ["api://x/pets"]
    assert catalog.entries("template") == ()
    assert catalog.find("tool", "nope") is None


def test_a_missing_file_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="catalog"):
        Catalog.read(tmp_path / "catalog.jsonl")
