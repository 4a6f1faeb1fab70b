"""One document before the judges: generate, serve, call everything, judge the requests.

    python oracle_document.py SPEC PACKAGE REPORT SECONDS

PACKAGE is the folder of the package that mcpgen made of SPEC. The server runs in this
process, its API is a transport that records and answers; REPORT is written as JSON.
Operations come in an order by chance, the same each time, so that those which are
reached in SECONDS stand for all.
"""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
import os
import pkgutil
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urljoin

import sample_values
import uritemplate
from first_judge import FirstJudge, formats
from nodes import METHODS, Node
from original import Original
from recorded_api import Recorder, chosen_answer
from sample_values import Size, Unsatisfiable, sample
from second_judge import ABSENT, Given, SecondJudge
from style_reading import same

BASE_URL = "https://api.test/base"
SECRET = "0penSesame"
SIZES: tuple[Size, ...] = ("least", "most", "some", "some")
TEXTS = {
    "Path": sample_values.SEGMENT,
    "Header": sample_values.PRINTABLE,
}


@dataclass(kw_only=True)
class Findings:
    """What the judges said of the requests to one API.

    `gaps` are objections of the first judge that the second one doesn't share, `faults`
    all that it does share; both hold the operation, the sentence and the request.
    """

    operations: int = 0
    unreached: int = 0
    unsampled: list[str] = field(default_factory=list)
    requests: int = 0
    accepted: int = 0
    answers: int = 0
    gaps: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[tuple[str, str, str]] = field(default_factory=list)


def components(package: str) -> dict[str, Any]:
    """What a package serves, by name."""
    found: dict[str, Any] = {}
    operations = importlib.import_module(f"{package}.operations")
    kind = importlib.import_module(f"{package}._runtime.components").Component
    for module in pkgutil.iter_modules(operations.__path__):
        loaded = importlib.import_module(f"{operations.__name__}.{module.name}")
        for value in vars(loaded).values():
            if isinstance(value, kind):
                found[value.name] = value
    return found


def path_keys(original: Original) -> dict[tuple[str, str], str]:
    """The key in `paths` for a method and a path without operators of RFC 6570."""
    found: dict[tuple[str, str], str] = {}
    for key in original.root.get("paths") or {}:
        item = original.root.child("paths", key)
        plain = re.sub(r"\{[.;/?&#+]?([^{}*]*)\*?\}", r"{\1}", key)
        for method in METHODS:
            if item.get(method) is not None:
                found[method.upper(), plain] = key
    return found


def server_of(item: Node, method: str, base_url: str) -> str:
    """The first server of an operation, or of its path, by the document's own words."""
    operation = item.child(method.lower())
    servers = (operation if operation.get("servers") else item).child("servers")
    if not servers.value:
        return base_url
    url = str(servers.child(0).get("url"))
    variables = servers.child(0, "variables")
    for name in variables.value or ():
        default = str(variables.child(name).get("default"))
        url = url.replace(f"{{{name}}}", default)
    return urljoin(f"{base_url}/", url).rstrip("/")


def given(component: Any, arguments: Mapping[str, Any]) -> Given:
    """The arguments by the names of the document."""
    values: dict[tuple[str, str], Any] = {}
    body: Any = ABSENT
    for argument in component.arguments:
        kind = type(argument).__name__
        if argument.name not in arguments:
            continue
        value = arguments[argument.name]
        if kind == "Field":
            body = {} if body is ABSENT else body
            body[argument.wire_name] = _bytes(value) if argument.binary else value
        elif kind == "Body":
            body = _bytes(value) if argument.binary else value
            if isinstance(value, Mapping):
                body = {
                    name: _bytes(one) if argument.has_file(name) else one
                    for name, one in value.items()
                }
        else:
            values[kind.lower(), argument.wire_name] = value
    return Given(values, body)


def _bytes(value: Any) -> Any:
    if isinstance(value, list):
        return [_bytes(one) for one in value]
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return value


class Examination:
    """The calls of one server and what becomes of them."""

    def __init__(self, spec: Path, package: str) -> None:
        self.findings = Findings()
        self.original = Original(spec)
        self.recorder = Recorder()
        self.memory = importlib.import_module(f"{package}._runtime.client")
        self.refused = importlib.import_module(
            f"{package}._runtime.errors"
        ).RequestError
        settings = importlib.import_module(f"{package}.settings").SETTINGS
        for credential in settings.credentials.values():
            os.environ |= dict.fromkeys(credential.ways[0], SECRET)
        self.server = importlib.import_module(f"{package}._runtime").Server(
            name="oracle",
            version="1",
            package=package,
            settings=settings,
            transport=self.recorder,
        )
        self.base_url = settings.base_url or BASE_URL
        self.components = components(package)
        self.keys = path_keys(self.original)
        self.formats = frozenset(formats(self.original.root.value))

    async def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.server.configure(base_url=self.base_url, resources_as_tools=True)
        async with self.memory.connect(self.server) as client:
            tools = {tool["name"]: tool for tool in await client.list_tools()}
            uris = {
                entry["name"]: entry["uriTemplate"]
                for entry in await client.list_resource_templates()
            }
            names = sorted(self.components)
            Random(len(names)).shuffle(names)
            for number, name in enumerate(names):
                if time.monotonic() > end:
                    self.findings.unreached = len(names) - number
                    break
                await self._component(client, tools[name], uris.get(name))

    async def _component(self, client: Any, tool: Any, template: str | None) -> None:
        component = self.components[tool["name"]]
        self.findings.operations += 1
        key = self.keys[component.method, component.path]
        root = self.original.root
        base_url = server_of(root.child("paths", key), component.method, self.base_url)
        first = FirstJudge(root.value, root.uri, key, base_url, self.formats)
        second = SecondJudge(self.original, key, component.method.lower(), base_url)
        kinds = {a.name: type(a).__name__ for a in component.arguments}

        def texts(name: str) -> tuple[str, ...]:
            return TEXTS.get(kinds.get(name, ""), sample_values.AWKWARD)

        def sendable(arguments: Mapping[str, Any]) -> bool:
            """A path has no room for what is empty, nor for dots alone."""
            return not any(
                kinds[name] == "Path" and value in ("", ".", "..", [], {}, None)
                for name, value in arguments.items()
            )

        done: list[Any] = []
        for number, size in enumerate(SIZES):
            seed = f"{component.method} {key} {number}"
            try:
                arguments = sample(tool["inputSchema"], seed, size, texts, sendable)
            except Unsatisfiable:
                continue
            if arguments in done:
                continue
            done.append(arguments)
            self.recorder.answer = chosen_answer(second, seed)
            await self._call(client, tool["name"], arguments, first, second)
            if template is not None and size != "most":
                await self._read(client, template, arguments, first, second)
        if not done:
            self.findings.unsampled.append(f"{component.method} {key}")

    async def _call(
        self,
        client: Any,
        name: str,
        arguments: Mapping[str, Any],
        first: FirstJudge,
        second: SecondJudge,
    ) -> None:
        """A call of a tool."""
        self.recorder.requests.clear()
        component = self.components[name]
        result = await client.call_tool(name, arguments)
        block = result["content"][0]
        said = block["text"] if result["isError"] else None
        self._judge(first, second, component, arguments, said)
        if said is None:
            told = block.get("resource", block)
            self._compare(component, told, result.get("structuredContent"))

    async def _read(
        self,
        client: Any,
        template: str,
        arguments: Mapping[str, Any],
        first: FirstJudge,
        second: SecondJudge,
    ) -> None:
        """A read of a resource, by its template and what the template can carry."""
        self.recorder.requests.clear()
        component = next(
            c for c in self.components.values() if getattr(c, "uri", "") == template
        )
        carried = {
            n: v for n, v in arguments.items() if n in uritemplate.variables(template)
        }
        uri = uritemplate.expand(template, {n: _texts(v) for n, v in carried.items()})
        told, said = {}, None
        try:
            told = (await client.read_resource(uri))["contents"][0]
        except self.refused as problem:
            said = f"{problem} ({uri})"
        self._judge(first, second, component, carried, said)
        if said is None:
            self._compare(component, told, ABSENT)

    def _judge(
        self,
        first: FirstJudge,
        second: SecondJudge,
        component: Any,
        arguments: Mapping[str, Any],
        said: str | None,
    ) -> None:
        operation = f"{component.method} {component.path}"
        shown = json.dumps(arguments, ensure_ascii=False)[:600]
        self.findings.requests += 1
        if said is not None or len(self.recorder.requests) != 1:
            self.findings.faults.append((operation, f"refused: {said}", shown))
            return
        request = self.recorder.requests[0]
        wanted = given(component, arguments)
        objections = second.objections(request, wanted)
        opinion = first.read(request)
        reasons = list(opinion.objections) or list(_misread(opinion, wanted))
        shown += f" -> {request.url} {request.content[:300]!r}"
        if objections:
            self.findings.faults.append((operation, objections[0], shown))
        elif reasons:
            self.findings.gaps.append((operation, reasons[0], shown))
        else:
            self.findings.accepted += 1

    def _compare(
        self, component: Any, told: Mapping[str, Any], structured: Any
    ) -> None:
        """What a client is told against what the API answered."""
        self.findings.answers += 1
        answer = self.recorder.answer
        text = told.get("text", "")
        if answer.status == 204:
            good = text in ("", "204 No Content")
        elif answer.value is not ABSENT:
            good = same(json.loads(text), answer.value)
            if isinstance(answer.value, dict) and structured is not ABSENT:
                good = good and same(structured, answer.value)
        else:
            data = base64.b64decode(told.get("data") or told.get("blob", ""))
            good = answer.content in (data, text.encode())
        if not good:
            sentence = f"answer {answer.kind}: {answer.content[:200]!r}"
            shown = f"{json.dumps(told)[:300]} {structured}"
            operation = f"{component.method} {component.path}"
            self.findings.faults.append((operation, sentence, shown))


def _texts(value: Any) -> Any:
    """A value as the variable of a template: text, or a list of texts."""
    if isinstance(value, list):
        return [_texts(one) for one in value]
    return value if isinstance(value, str) else json.dumps(value)


def _misread(opinion: Any, wanted: Given) -> Iterator[str]:
    """Where the first judge reads another value than was given."""
    for key, value in wanted.values.items():
        if value in (None, [], {}):
            continue
        read = opinion.values.get(key)
        if not same(read, value):
            told = "reads nothing in" if read is None else f"reads {read!r} in"
            yield f"{told} {key[0]} parameter {key[1]}, given was {value!r}"
    if wanted.body is not ABSENT and not _body_same(opinion.body, wanted.body):
        yield "reads the body otherwise"


def _body_same(read: Any, value: Any) -> bool:
    if isinstance(read, Mapping) and isinstance(value, Mapping):
        return all(
            member is None or (name in read and _body_same(read[name], member))
            for name, member in value.items()
        )
    if isinstance(read, list) and isinstance(value, list):
        return len(read) == len(value) and all(map(_body_same, read, value))
    if isinstance(read, bytes) and isinstance(value, str):
        return read == value.encode()
    return same(read, value)


def main() -> None:
    spec, package, report, seconds = sys.argv[1:]
    folder = Path(package).resolve()
    sys.path.insert(0, str(folder.parent))
    examination = Examination(Path(spec), folder.name)
    asyncio.run(examination.run(float(seconds)))
    Path(report).write_text(json.dumps(asdict(examination.findings)))


if __name__ == "__main__":
    main()
