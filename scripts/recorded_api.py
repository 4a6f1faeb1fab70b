"""An API in this process: it records what it is sent, and answers as its document says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from nodes import Node
from sample_values import sample_value
from second_judge import ABSENT, SecondJudge


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answers; `value` is its JSON, where it is JSON."""

    status: int = 204
    kind: str = ""
    content: bytes = b""
    value: Any = ABSENT


class Recorder(httpx.AsyncBaseTransport):
    """An API that keeps the last request and answers what it was told to."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer = Answer()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answer
        return httpx.Response(
            answer.status,
            headers={"Content-Type": answer.kind} if answer.kind else {},
            stream=httpx.ByteStream(answer.content),
        )


def chosen_answer(judge: SecondJudge, seed: str) -> Answer:
    """An answer that the document declares for success, made by chance."""
    responses = judge.operation.child("responses")
    for status in ("200", "201", "202", "2XX", "default"):
        if responses.get(status) is None:
            continue
        code = int(status) if status.isdecimal() else 200
        content = responses.child(status, "content")
        for kind in content.value or ():
            return _answer(code, kind, content.child(kind), seed)
    return Answer()


def _answer(status: int, kind: str, media: Node, seed: str) -> Answer:
    kind = {"*/*": "application/json"}.get(kind, kind.replace("/*", "/plain"))
    essence = kind.partition(";")[0].strip()
    if essence.endswith(("/json", "+json")):
        value = sample_value(_inlined(media), {}, seed)
        return Answer(status, kind, json.dumps(value).encode(), value)
    return Answer(status, kind, f"some {kind} ✓".encode())


def _inlined(media: Node, depth: int = 0) -> Any:
    """A schema with its references in place, as deep as an answer needs it."""
    node = media.child("schema") if depth == 0 else media.resolved
    if depth > 6 or not isinstance(node.value, Mapping):
        return {}
    made: dict[str, Any] = {}
    for key, value in node.value.items():
        if key in ("properties", "patternProperties") and isinstance(value, Mapping):
            made[key] = {
                n: _inlined(Node(v, node.uri), depth + 1) for n, v in value.items()
            }
        elif key in ("allOf", "anyOf", "oneOf") and isinstance(value, list):
            made[key] = [_inlined(Node(v, node.uri), depth + 1) for v in value]
        elif key in ("items", "additionalProperties") and isinstance(value, Mapping):
            made[key] = _inlined(Node(value, node.uri), depth + 1)
        elif not isinstance(value, bool) or key == "uniqueItems":
            made[key] = value
    return made
