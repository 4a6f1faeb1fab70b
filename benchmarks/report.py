"""RESULTS.md and its plot, from the figures of measure.py.

report.py FIGURES FOLDER
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from peers import SERVERS, WHAT

_IMPORTS = 12
Row = tuple[str, ...]
Medians = dict[Row, dict[str, float]]

BUDGETS = (
    # What, the row, over whom, at most (or, for rates, at least).
    (
        "CPU to the first listing, 10 operations",
        ("start", "10", "listing, CPU ms"),
        "floor",
        1.5,
    ),
    ("memory after the first listing", ("start", "10", "memory, MB"), "floor", 1.5),
    ("memory after 3,000 calls", ("stdio", "1 kB", "", "memory, MB"), "floor", 1.5),
    (
        "CPU of a call, 1 kB, 16 at once",
        ("stdio", "1 kB", "16 at once", "CPU ms"),
        "floor",
        3.0,
    ),
    (
        "CPU of a call, 100 kB, 16 at once",
        ("stdio", "100 kB", "16 at once", "CPU ms"),
        "floor",
        2.0,
    ),
    (
        "calls a second, stdio, 16 at once",
        ("stdio", "1 kB", "16 at once", "calls/s"),
        "fastmcp",
        10.0,
    ),
    (
        "calls a second, stdio, 64 at once",
        ("stdio", "1 kB", "64 at once", "calls/s"),
        "fastmcp",
        10.0,
    ),
    (
        "calls a second, HTTP, 16 at once",
        ("HTTP", "1 kB", "16 at once", "calls/s"),
        "fastmcp",
        10.0,
    ),
    (
        "calls a second, HTTP, 64 at once",
        ("HTTP", "1 kB", "64 at once", "calls/s"),
        "fastmcp",
        10.0,
    ),
)


def main(figures: Path, folder: Path) -> None:
    given = json.loads(figures.read_text())
    medians = medians_of(given)
    (folder / "RESULTS.md").write_text("\n".join(page(given, medians)) + "\n")
    (folder / "size.svg").write_text(plot(medians))


def medians_of(given: Mapping[str, Any]) -> Medians:
    medians: Medians = {}
    for one in given["figures"]:
        row = medians.setdefault(tuple(one["what"]), {})
        row[one["server"]] = statistics.median(one["values"])
    return medians


def page(given: Mapping[str, Any], medians: Medians) -> Iterator[str]:
    yield "# Results"
    yield ""
    yield "Written by `benchmarks/run`; read the ratios. Medians of "
    yield f"{given['rounds']} rounds in which all servers take turns, on {given['machine']}."
    yield "CPU is the server's own, user and system time together."
    yield ""
    servers = [s for s in SERVERS if any(s in row for row in medians.values())]
    for server in (*servers, "httpx"):
        yield f"- **{server}**: {WHAT[server]}"
    left_out = [s for s in SERVERS if s not in servers]
    if left_out:
        yield f"- left out, as they could not be installed: {', '.join(left_out)}"
    yield ""
    yield "## Budgets"
    yield ""
    yield "| what | ratio | to | budget |"
    yield "| --- | --- | --- | --- |"
    for what, row, other, budget in BUDGETS:
        values = medians.get(row, {})
        if other in values:
            ratio = values["mcpgen"] / values[other]
            limit = "at least" if other == "fastmcp" else "at most"
            yield f"| {what} | {ratio:.2f} | {other} | {limit} {budget:g} |"
    for title, rows in sections(medians):
        yield ""
        yield f"## {title}"
        yield ""
        yield from table(rows, medians)
    yield ""
    yield "![Cost over the number of operations](size.svg)"


def sections(medians: Medians) -> Iterator[tuple[str, list[Row]]]:
    for title, first in (
        ("Start, by the number of operations", "start"),
        ("Calls over stdio", "stdio"),
        ("Calls over HTTP", "HTTP"),
        ("Generation, seconds", "generation"),
    ):
        yield title, [row for row in medians if row[0] == first]
    costs = {row: medians[row]["mcpgen"] for row in medians if row[0] == "imports"}
    most = sorted(costs, key=lambda row: -costs[row])[:_IMPORTS]
    yield "What the first listing loads, by `-X importtime`", most


def table(rows: list[Row], medians: Medians) -> Iterator[str]:
    servers = list(dict.fromkeys(s for row in rows for s in medians[row]))
    yield f"| | {' | '.join(servers)} |"
    yield "| --- |" + " --- |" * len(servers)
    for row in rows:
        values = (medians[row].get(server) for server in servers)
        cells = ("" if value is None else f"{value:,.3g}" for value in values)
        yield f"| {', '.join(filter(None, row[1:]))} | {' | '.join(cells)} |"


def plot(medians: Medians) -> str:
    """CPU to the first listing over the number of operations, both logarithmic."""
    from math import log10

    series: dict[str, list[tuple[int, float]]] = {}
    for row, values in medians.items():
        if row[0] == "start" and row[2] == "listing, CPU ms":
            for server, value in values.items():
                series.setdefault(server, []).append((int(row[1]), value))

    def x(operations: float) -> float:
        return 70 + (log10(operations) - 1) * 190

    def y(milliseconds: float) -> float:
        return 330 - (log10(milliseconds) - 1) * 80

    parts = [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 380" '
            'font-family="sans-serif" font-size="12">'
        ),
        '<rect width="680" height="380" fill="white"/>',
        (
            '<text x="70" y="24">CPU ms from start to the first complete tools/list, '
            "by number of operations</text>"
        ),
    ]
    for mark in (10, 100, 1000, 3000):
        parts.append(
            f'<text x="{x(mark):.0f}" y="352" text-anchor="middle">{mark}</text>'
        )
    for mark in (10, 100, 1000, 10000):
        parts.append(
            f'<path d="M70 {y(mark):.0f}H560" stroke="#ddd"/>'
            f'<text x="62" y="{y(mark) + 4:.0f}" text-anchor="end">{mark}</text>'
        )
    colours = {"mcpgen": "#0a7", "floor": "#888", "sdk": "#36c", "fastmcp": "#c33"}
    colours["typescript"] = "#c80"
    for server, points in series.items():
        line = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in sorted(points))
        last = max(points)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colours[server]}" '
            f'stroke-width="2"/><text x="{x(last[0]) + 6:.0f}" y="{y(last[1]) + 4:.0f}" '
            f'fill="{colours[server]}">{server}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


main(Path(sys.argv[1]), Path(sys.argv[2]))
