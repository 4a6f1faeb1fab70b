"""Several APIs in `mcpgen.toml`: what is said of them, and what commands do with them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from mcpgen.name import prefixed

Run = Callable[..., Result]
CASE = Path(__file__).parents[2] / "fixtures" / "cases" / "composed"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    for name in ("mcpgen.toml", "billing.yaml", "people.json"):
        shutil.copy(CASE / name, tmp_path)
    settings = tmp_path / "mcpgen.toml"
    settings.write_text('output = "out"\n' + settings.read_text())
    return tmp_path


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["list", "get"], ["crm_list", "crm_get"]),
        (["crm_list", "get"], ["crm_list", "crm_get"]),
        (["crm_list", "list"], ["crm_crm_list", "crm_list"]),
        (["x" * 64], ["crm_" + "x" * 60]),
        (["a_" * 31 + "b", "a_" * 31 + "c"], ["crm_" + "a_" * 29 + "a", None]),
    ],
)
def test_names_begin_with_their_api(
    names: list[str], expected: list[str | None]
) -> None:
    found = prefixed("crm", names)
    assert len(set(found.values())) == len(names)
    assert all(len(one) <= 64 for one in found.values())
    for name, wanted in zip(names, expected, strict=True):
        assert wanted in (None, found[name])


def test_a_tree_that_is_up_to_date_and_one_that_is_not(
    office: Path, mcpgen: Run
) -> None:
    assert mcpgen(cwd=office).exit_code == 0
    assert mcpgen("check", cwd=office).exit_code == 0
    people = office / "people.json"
    people.write_text(people.read_text().replace("Add a person", "Welcome a person"))
    told = mcpgen("check", cwd=office)
    assert told.exit_code == 1
    assert '+    description="Welcome a person",' in told.stdout
    changed = [line for line in told.stdout.splitlines() if line.startswith("+++")]
    assert all("billing" not in line for line in changed)


def test_another_api_changes_nothing_of_the_first(office: Path, mcpgen: Run) -> None:
    mcpgen("-o", "before", cwd=office)
    third = '\n[apis.staff]\nsource = "people.json"\n'
    settings = office / "mcpgen.toml"
    settings.write_text(settings.read_text() + third)
    mcpgen("-o", "after", cwd=office)
    for path in (office / "before" / "office_mcp" / "operations").iterdir():
        now = office / "after" / "office_mcp" / "operations" / path.name
        assert now.read_bytes() == path.read_bytes()
    told = mcpgen("diff", "before", "after", "--fail-on", "breaking", cwd=office)
    assert told.exit_code == 0
    assert "staff_add_user" in told.stdout


def test_diff_of_a_document_goes_by_its_api(office: Path, mcpgen: Run) -> None:
    old = office / "old.yaml"
    old.write_text((office / "billing.yaml").read_text().replace("who pays", "them"))
    told = mcpgen("diff", "old.yaml", "billing.yaml", cwd=office)
    assert "tool customers" in told.stdout
    assert mcpgen("diff", "old.yaml", "old.yaml", cwd=office).stdout == "no changes\n"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("billing_customers", "office_mcp/operations/billing_default.py"),
        ("POST /invoices", "becomes    the tool billing_send_invoice\n"),
        ("POST /internal/reset", "becomes    nothing"),
        ("addUser", "name       from the operationId\n"),
    ],
)
def test_explain(asked: str, said: str, office: Path, mcpgen: Run) -> None:
    told = mcpgen("explain", asked, cwd=office)
    assert told.exit_code == 0
    assert said in told.stdout


def test_explain_of_what_several_have(office: Path, mcpgen: Run) -> None:
    told = mcpgen("explain", "GET /users", cwd=office)
    assert told.exit_code == 2
    assert (
        "name the one that is meant: billing_customers or people_list_users"
        in told.stderr
    )


def test_doctor_looks_at_each(office: Path, mcpgen: Run) -> None:
    told = mcpgen("doctor", cwd=office).stdout
    assert "Billing 2.0.0 (billing.yaml)" in told
    assert "People 1 (people.json)" in told
    assert "The office, as the server office: 3 tools together, about " in told
    record = json.loads(mcpgen("doctor", "--format", "json", cwd=office).stdout)
    scores = {name: one["score"] for name, one in record.items()}
    assert set(scores) == {"billing", "people"}
    limit = str(max(scores.values()))
    assert mcpgen("doctor", "--fail-under", limit, cwd=office).exit_code in (0, 1)
    told_low = mcpgen("doctor", "--fail-under", "100", cwd=office)
    assert told_low.exit_code == 1
    assert f"the score {min(scores.values())} is below" in told_low.stderr


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (
            '[apis.a]\npreset = "tools"\n',
            "mcpgen.toml:2:1: error[setting]: `source` is missing",
        ),
        (
            '[apis.A-b]\nsource = "x"\n',
            "error[setting]: `A-b` can't be a name here",
        ),
        ('[apis.a]\nsource = "x"\nname = "y"\n', "`name` is not a setting"),
        (
            'preset = "tools"\n[apis.a]\nsource = "x"\n',
            "error[setting]: `preset` is of one API, and there are several\n",
        ),
        (
            '[apis.a]\nsource = "x"\n[apis.a_b]\nsource = "y"\n',
            "`a_b` begins with `a_`, as the tools of `a` do",
        ),
        (
            '[apis.a]\nsource = "x"\nnames.o = "p"\noperations.o.name = "q"\n',
            "`o` has a name here and under `operations`",
        ),
        ('[apis.a]\nsource = "x.yaml"\n', "x.yaml: error["),
        ("[apis]\n", "`apis` can't have this value"),
    ],
)
def test_what_can_not_be(toml: str, said: str, mcpgen: Run, tmp_path: Path) -> None:
    (tmp_path / "mcpgen.toml").write_text(f'output = "out"\n{toml}')
    told = mcpgen(cwd=tmp_path)
    assert told.exit_code == 2
    assert said in told.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("billing.yaml",), "no SPEC goes here: mcpgen.toml names several APIs"),
        (("--base-url", "http://x"), "are for one API"),
        (("--exclude", "/users"), "are for one API"),
        (("--in-process",), "is for one application"),
    ],
)
def test_options_of_one_document(
    arguments: tuple[str, ...], said: str, office: Path, mcpgen: Run
) -> None:
    told = mcpgen(*arguments, cwd=office)
    assert told.exit_code == 2
    assert said in told.stderr


def test_a_document_that_is_broken_names_its_place(office: Path, mcpgen: Run) -> None:
    people = office / "people.json"
    people.write_text(people.read_text().replace('"paths": {', '"paths": {{'))
    told = mcpgen(cwd=office)
    assert told.exit_code == 2
    assert "people.json:8:13: error[syntax]" in told.stderr


def test_an_option_holds_for_all(office: Path, mcpgen: Run) -> None:
    told = mcpgen("--preset", "tools", cwd=office)
    assert "4 tools" in told.stderr
