"""Every spec of a folder through the whole line: generate, import, start, list, check.

    scripts/corpus FOLDER [--json FILE] [--check-code] [--jobs N] [--timeout SECONDS]

A spec is `ok`, `refused` (mcpgen said in a sentence why it can't use it) or `failed`,
which is a fault of ours: a traceback, a time or memory limit reached, an operation lost
without a word, a package that doesn't import, start or list, a schema that a client
would reject. The exit status is 1 when anything failed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from listing_rules import resource_faults, tool_faults
from raw_client import ErrorReply, ProtocolError, StdioClient

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}
SUFFIXES = {".json", ".yaml", ".yml"}
ENTRY = re.compile(r"^[\"']?(openapi|swagger)[\"']?\s*:", re.MULTILINE)
DIAGNOSTIC = re.compile(r"^.*?: (error|warning|note)\[([\w-]+)\]: (.*)$", re.MULTILINE)
LEFT_OUT = re.compile(r"(\d+) operations? left out")
MEMORY_KB = 4 * 1024 * 1024

IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
"""


@dataclass(kw_only=True)
class Report:
    """What became of one spec; `seconds` and `megabytes` are those of mcpgen."""

    spec: str
    status: str = "ok"
    message: str = ""
    operations: int = 0
    tools: int = 0
    resources: int = 0
    templates: int = 0
    left_out: int = 0
    seconds: float = 0.0
    megabytes: int = 0
    listed_ms: int = 0
    faults: list[str] = field(default_factory=list)
    diagnostics: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Finished:
    """A bounded command that has ended."""

    status: int
    output: str
    seconds: float
    megabytes: int


def run(command: list[str | Path], *, timeout: float, cwd: Path) -> Finished:
    """Runs a command within limits of time and of memory (address space)."""
    limited = ["sh", "-c", 'ulimit -v "$0"; exec "$@"', str(MEMORY_KB), *command]
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            limited,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        timer = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    seconds = time.perf_counter() - start
    return Finished(process.returncode, text, seconds, usage.ru_maxrss // 1024)


def find_specs(folder: Path) -> Iterator[Path]:
    """The files of a folder, and of its sub-folders the documents that others are of."""
    if folder.is_file():
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            documents = (p for p in sorted(path.rglob("*")) if p.suffix in SUFFIXES)
            yield from filter(is_entry, documents)
        elif path.suffix in SUFFIXES:
            yield path


def is_entry(path: Path) -> bool:
    text = path.read_text("utf-8", "replace")
    if path.suffix != ".json":
        return bool(ENTRY.search(text)) and "\npaths:" in text
    try:
        document = json.loads(text)
    except ValueError:
        return False
    return (
        isinstance(document, dict)
        and "paths" in document
        and bool({"openapi", "swagger"} & document.keys())
    )


def count_operations(spec: Path) -> int:
    """The operations under `paths`, counted without any of mcpgen's code."""
    paths = value_of(spec, "/paths")
    return sum(
        count_of_item(item, spec)
        for path, item in (paths or {}).items()
        if isinstance(item, dict) and str(path).startswith("/")
    )


def count_of_item(item: dict[str, Any], spec: Path) -> int:
    """The operations of a path item, which may lie in another file."""
    file, _, pointer = str(item.get("$ref", "")).partition("#")
    if "$ref" in item:
        spec = spec.parent / file if file else spec
        item = value_of(spec, pointer) if spec.exists() else {}
        if "$ref" in item:
            return count_of_item(item, spec)
    more = item.get("additionalOperations") or {}
    return len(METHODS & item.keys()) + len(more)


@lru_cache
def parsed(spec: Path) -> Any:
    text = spec.read_text("utf-8-sig")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return json.loads(text) if spec.suffix == ".json" else yaml.load(text, loader)


def value_of(spec: Path, pointer: str) -> Any:
    """The value that a JSON Pointer names in a file; None where there is none."""
    value = parsed(spec)
    for step in unquote(pointer).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value.get(key) if isinstance(value, dict) else None
    return value


def examine(
    spec: Path, name: str, folder: Path, *, timeout: float, check_code: bool
) -> Report:
    """Takes one spec, which may refer to all files below a folder, through the line."""
    report = Report(spec=name)
    with tempfile.TemporaryDirectory(prefix="mcpgen-corpus-") as scratch:
        out = Path(scratch) / "out"
        mcpgen = Path(sys.executable).with_name("mcpgen")
        command: list[str | Path] = [mcpgen, spec.relative_to(folder), "-o", out, "-v"]
        done = run(command, timeout=timeout, cwd=folder)
        report.seconds = round(done.seconds, 2)
        report.megabytes = done.megabytes
        report.diagnostics = DIAGNOSTIC.findall(done.output)
        if done.status != 0:
            decide_failure(report, done, out)
            return report
        left_out = LEFT_OUT.search(done.output)
        report.left_out = int(left_out[1]) if left_out else 0
        packages = list(out.glob("*/__main__.py"))
        if len(packages) != 1:
            report.faults.append(f"{len(packages)} packages were written")
        else:
            examine_package(report, packages[0].parent, timeout, spec)
            if check_code:
                examine_code(report, out, packages[0].parent)
    if report.faults:
        report.status, report.message = "failed", report.faults[0]
    return report


def decide_failure(report: Report, done: Finished, out: Path) -> None:
    """Refused in a sentence, or failed: limits, tracebacks, things half written."""
    lines = [line for line in done.output.splitlines() if line.strip()]
    report.message = lines[-1].strip() if lines else ""
    report.status = "failed"
    if done.status < 0:
        report.message = f"killed by signal {-done.status} after {done.seconds:.0f} s"
    elif "Traceback (most recent call last)" in done.output or done.status != 2:
        report.message = f"exit status {done.status}: {report.message}"
    elif not lines:
        report.message = "refused without a word"
    elif out.exists() and any(out.iterdir()):
        report.message = f"refused, with files written: {report.message}"
    else:
        report.status = "refused"
        errors = [line.strip() for line in lines if "error" in line.casefold()]
        report.message = errors[0] if errors else report.message
    if report.status == "failed":
        report.faults.append(report.message)


def report_of(future: Future[Report], name: str) -> Report:
    """The report; that the judge itself fell over something is a fault as well."""
    error = future.exception()
    if error is None:
        return future.result()
    fault = f"the check failed: {error!r}"
    return Report(spec=name, status="failed", message=fault, faults=[fault])


def examine_package(report: Report, package: Path, timeout: float, spec: Path) -> None:
    out = package.parent
    command: list[str | Path] = [sys.executable, "-c", IMPORT_ALL, package.name]
    imported = run(command, timeout=timeout, cwd=out)
    if imported.status != 0:
        last = imported.output.strip().splitlines()[-1:]
        report.faults.append(f"doesn't import: {''.join(last)}")
        return
    command = [sys.executable, "-m", package.name]
    start = time.perf_counter()
    try:
        with StdioClient(command, cwd=out, timeout=60) as client:
            offers = client.initialize()["capabilities"]
            tools, resources, templates = [], [], []
            if "tools" in offers:
                tools = client.list_all("tools/list", "tools")
                report.listed_ms = round((time.perf_counter() - start) * 1000)
            if "resources" in offers:
                resources = client.list_all("resources/list", "resources")
                templates = client.list_all(
                    "resources/templates/list", "resourceTemplates"
                )
    except (ErrorReply, ProtocolError, KeyError) as error:
        said = str(error).strip().splitlines() or [repr(error)]
        report.faults.append(f"doesn't list: {said[0]}: {said[-1]}")
        return
    report.tools, report.resources = len(tools), len(resources)
    report.templates = len(templates)
    report.faults += tool_faults(tools)
    report.faults += resource_faults(resources, "uri")
    report.faults += resource_faults(templates, "uriTemplate")
    catalog = (package / "catalog.jsonl").read_bytes().splitlines()
    served = len({json.loads(line)["at"] for line in catalog})
    report.operations = count_operations(spec)
    lost = report.operations - served - report.left_out
    if lost:
        report.faults.append(
            f"{report.operations} operations, but {served} served "
            f"and {report.left_out} left out"
        )


def examine_code(report: Report, out: Path, package: Path) -> None:
    bin_folder = Path(sys.executable).parent
    checks: list[list[str | Path]] = [
        [bin_folder / "black", "--check", "--quiet", "."],
        [bin_folder / "ruff", "check", "--quiet", "--isolated", "."],
        [bin_folder / "mypy", "--strict", "--config-file=", package],
    ]
    for command in checks:
        done = run(command, timeout=600, cwd=out)
        if done.status != 0:
            lines = done.output.strip().splitlines() or ["(said nothing)"]
            report.faults.append(f"{Path(command[0]).name}: {lines[0]}")


def table(reports: list[Report]) -> Iterator[str]:
    width = max(len(report.spec) for report in reports)
    yield (
        f"{'spec':{width}} {'ops':>5} {'tools':>5} {'res':>4} {'tmpl':>4}"
        f" {'out':>4} {'sec':>6} {'MB':>5} {'ms':>5}"
    )
    for report in reports:
        if report.status == "refused":
            yield f"{report.spec:{width}} refused: {report.message}"
            continue
        yield (
            f"{report.spec:{width}} {report.operations:5} {report.tools:5}"
            f" {report.resources:4} {report.templates:4} {report.left_out:4}"
            f" {report.seconds:6.1f} {report.megabytes:5} {report.listed_ms:5}"
            + (f"  FAILED: {report.message}" if report.status == "failed" else "")
        )


def details(reports: list[Report]) -> Iterator[str]:
    """The faults, and the diagnostics that matter most, with how often they occur."""
    for report in reports:
        worst = Counter(
            f"{severity}[{code}]: {text}"
            for severity, code, text in report.diagnostics
            if severity == "error"
        )
        if report.faults or (worst and report.status == "ok"):
            yield f"\n{report.spec}"
            yield from (f"  FAULT {fault}" for fault in report.faults[:10])
            for text, times in worst.most_common(5):
                yield f"  {text}" + (f" ({times} times)" if times > 1 else "")
    codes = Counter(
        f"{severity}[{code}]"
        for report in reports
        if report.status == "ok"
        for severity, code, _ in report.diagnostics
    )
    if codes:
        yield "\nDiagnostics: " + ", ".join(f"{c} x{n}" for c, n in codes.most_common())


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/corpus", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--json", type=Path, help="write the raw results there")
    parser.add_argument("--check-code", action="store_true", help="black, ruff, mypy")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds a step")
    options = parser.parse_args()

    specs = [
        (spec, str(name), top / name.parts[0] if len(name.parts) > 1 else top)
        for folder in map(Path.resolve, options.folder)
        for top in (folder if folder.is_dir() else folder.parent,)
        for spec in find_specs(folder)
        for name in (spec.relative_to(top),)
    ]
    reports = []
    # A fresh process for each spec: a child's peak memory begins with its parent's.
    with ProcessPoolExecutor(
        options.jobs, mp_context=get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        limits = {"timeout": options.timeout, "check_code": options.check_code}
        waiting = {pool.submit(examine, *spec, **limits): spec[1] for spec in specs}
        for future in as_completed(waiting):
            reports.append(report_of(future, waiting[future]))
            done = f"{len(reports)}/{len(specs)} {reports[-1].spec}"
            print(f"\r{done:70.70}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    reports.sort(key=lambda report: report.spec)

    print("\n".join(table(reports)))
    print("\n".join(details(reports)))
    if options.json:
        raw = [asdict(report) for report in reports]
        options.json.write_text(json.dumps(raw, indent=1) + "\n")
    status = Counter(report.status for report in reports)
    served = sum(report.operations for report in reports)
    left_out = sum(report.left_out for report in reports)
    print(
        f"\n{served} operations, {left_out} left out; specs: {status['ok']} ok, "
        f"{status['refused']} refused, {status['failed']} failed"
    )
    return 1 if status["failed"] or not reports else 0


if __name__ == "__main__":
    sys.exit(main())
