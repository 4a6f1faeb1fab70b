"""Is what the model asks what the API receives? Judged for every spec of a folder.

    scripts/oracle FOLDER [--json FILE] [--jobs N] [--seconds SECONDS]

Each tool and each resource is called with several sets of arguments made from what it
advertises. openapi-core reads each recorded request by the original document; what it
reads is compared with what was given, and what the client is told with what the API
answered. A second judge, which shares no code with the first, reads each request too:

    accepted  both judges read what was given
    gaps      the second judge does, and openapi-core objects; `GAPS` says why
    faults    the second judge objects, the server refuses, or an answer is another

The exit status is 1 when there are faults.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from corpus import find_specs, run

GAPS = {
    "breaks: a file in a form, a reference of the document that leads nowhere": "^fails",
    "reads no label, matrix or exploded object in a path, no object in a form": (
        "required path param|dictionary update"
    ),
    "takes a discriminator for more than a hint": (
        "could not be resolved|discriminating|oneOf: "
    ),
    "reads a deepObject of one level only, without lists, and fails where there is "
    "none; reads delimiters in text only": "ValueError: not available|bytes-like",
    "judges bytes, and JSON of other names, as if they were text": "(type|format): b",
    "takes a format for more than advice": "format: '",
    "takes a default, a part or a text for text where its schema says what it is, and "
    "fills in defaults that the schema refuses": (
        "'[^']*' is not of type '(boolean|integer|number|object|array)'|readOnly"
        r"|type: (None|False|\d+) is not"
    ),
    "finds no exploded object, no list of nulls, no form without members, and asks for "
    "headers that OpenAPI says to ignore": "Missing required|MissingRequired|Accept",
    "splits after decoding, or not at all, and so reads another value": "^reads",
    "doesn't read JSON, or one of several types, in a parameter or form": "Cast|is not "
    "one of|not valid under any",
    "finds no members in some forms": "is a required property",
    "fills in no default of a server's variable, knows no mutual TLS": "ServerNotFound"
    "|Security",
}
"""The gaps of openapi-core that its objections come from, by a pattern of those."""
COLUMNS = ("operations", "requests", "accepted", "gaps", "faults", "answers")


def examine(spec: Path, base: Path, seconds: float) -> dict[str, Any]:
    """The findings on one spec, or why there are none, under `message`.

    It may refer to any file of `base`.
    """
    name = str(spec.relative_to(base))
    with tempfile.TemporaryDirectory(prefix="mcpgen-oracle-") as scratch:
        out, report = Path(scratch) / "out", Path(scratch) / "report.json"
        mcpgen = Path(sys.executable).with_name("mcpgen")
        made = run(
            [mcpgen, spec.relative_to(base), "-o", out, "-q"], timeout=300, cwd=base
        )
        packages = list(out.glob("*/__main__.py"))
        if made.status != 0 or len(packages) != 1:
            said = made.output.strip().splitlines() or ["mcpgen wrote no package"]
            return {"spec": name, "message": f"refused: {said[0]}"}
        judge = Path(__file__).with_name("oracle_document.py")
        done = run(
            [sys.executable, judge, spec, packages[0].parent, report, str(seconds)],
            timeout=seconds + 120,
            cwd=Path(scratch),
        )
        if done.status != 0:
            said = done.output.strip().splitlines() or [f"exit status {done.status}"]
            return {"spec": name, "message": f"failed: {said[-1]}"}
        found: dict[str, Any] = json.loads(report.read_text())
        return {"spec": name, "seconds": round(made.seconds + done.seconds, 1), **found}


def count(report: dict[str, Any], column: str) -> int:
    value = report.get(column, 0)
    return value if isinstance(value, int) else len(value)


def table(reports: list[dict[str, Any]]) -> Iterator[str]:
    width = max(len(report["spec"]) for report in reports)
    yield f"{'spec':{width}}" + "".join(f"{c:>11}" for c in COLUMNS) + "    sec"
    for report in reports:
        if "message" in report:
            yield f"{report['spec']:{width}} {report['message']}"
            continue
        numbers = "".join(f"{count(report, column):11}" for column in COLUMNS)
        yield f"{report['spec']:{width}}{numbers}{report['seconds']:7.1f}"


def reasons(reports: list[dict[str, Any]], column: str) -> Iterator[str]:
    """The objections of one column: how often each kind occurs, and its first case."""
    found = [
        (
            (gap(sentence) if column == "gaps" else None) or without_values(sentence),
            f"{report['spec']}: {operation}: {sentence[:200]}",
        )
        for report in reports
        for operation, sentence, _ in report.get(column, ())
    ]
    for reason, times in Counter(reason for reason, _ in found).most_common():
        yield f"  {times:6}  {reason}"
        yield f"          {next(case for known, case in found if known == reason)}"


def gap(objection: str) -> str | None:
    """The gap that an objection of openapi-core comes from."""
    found = (gap for gap, pattern in GAPS.items() if re.search(pattern, objection))
    return next(found, None)


def without_values(sentence: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"|\([^)]*\)|\d+", "…", sentence)[:70]


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/oracle", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="write all findings there")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=300.0, help="for each spec")
    options = parser.parse_args()

    folder: Path = options.folder.resolve()
    base = folder if folder.is_dir() else folder.parent
    specs = list(find_specs(folder))
    reports: list[dict[str, Any]] = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for report in pool.map(
            lambda spec: examine(spec, base, options.seconds), specs
        ):
            reports.append(report)
            done = f"{len(reports)}/{len(specs)} {report['spec']}"
            print(f"\r{done:70.70}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if not reports:
        print(f"there are no specs in {folder}")
        return 1

    print("\n".join(table(reports)))
    for column in ("gaps", "faults"):
        print(f"\n{column}:")
        print("\n".join(reasons(reports, column)) or "  none")
    if options.json:
        options.json.write_text(json.dumps(reports, indent=1) + "\n")
    return summary(reports)


def summary(reports: list[dict[str, Any]]) -> int:
    """Prints the sums; gives the exit status."""
    sums = {column: sum(count(r, column) for r in reports) for column in COLUMNS}
    for column in ("unreached", "unsampled"):
        sums[column] = sum(count(report, column) for report in reports)
    failed = sum(report.get("message", "").startswith("failed") for report in reports)
    good = sums["accepted"] + sums["gaps"]
    share = 100 * good / sums["requests"] if sums["requests"] else 0.0
    print(
        f"\n{sums['operations']} operations, {sums['unreached']} not reached in time, "
        f"{sums['unsampled']} without arguments; {sums['requests']} requests, "
        f"{sums['accepted']} accepted by both judges, {sums['gaps']} by the second one "
        f"({share:.2f} % in all), {sums['faults']} faults; {sums['answers']} answers "
        f"compared; {failed} documents failed"
    )
    return 1 if sums["faults"] or failed or not sums["requests"] else 0


if __name__ == "__main__":
    sys.exit(main())
