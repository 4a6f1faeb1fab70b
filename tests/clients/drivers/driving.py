"""What the Python drivers share: going through the steps, what was told, in and out.

A driver reads one JSON object: `server` (`command`, `args` and `env`, or a `url`, with
`headers` for streamable HTTP),
`transport` (stdio, http, sse), `mode` (legacy: with a handshake; auto), `answer` (for
the form of a question, null from who can't be asked) and `steps`, pairs of a method
and its parameters. It writes one: the `protocol` agreed on, the name of the `server`,
the `results` of the steps, and what it was `told` and asked on the way.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

FUNCTIONS = {
    "tools/list": "list_tools",
    "tools/call": "call_tool",
    "resources/list": "list_resources",
    "resources/templates/list": "list_resource_templates",
    "resources/read": "read_resource",
    "prompts/list": "list_prompts",
    "prompts/get": "get_prompt",
    "completion/complete": "complete",
}


class Told:
    """Callbacks that keep what a server says while it works."""

    def __init__(self) -> None:
        self.all: list[list[Any]] = []

    async def progress(
        self, progress: float, total: float | None, message: str | None
    ) -> None:
        self.all.append(["progress", progress, total, message])

    async def log(self, params: Any) -> None:
        self.all.append(["log", params.level, params.data])

    def asked(self, message: str) -> None:
        self.all.append(["asked", message])


async def results(
    script: dict[str, Any],
    client: Any,
    types: Any,
    error: type[Exception],
    *,
    suffix: str = "",
    **for_calls: Any,
) -> list[dict[str, Any]]:
    """The result of each step, or what the error says that it was answered with."""
    seen = []
    for method, params in script["steps"]:
        if method == "tools/call":
            params = params | for_calls
        elif method == "completion/complete":
            ref = types.CompleteRequestParams.model_validate(params).ref
            params = params | {"ref": ref}
        try:
            result = await getattr(client, FUNCTIONS[method] + suffix)(**params)
        except error as refused:
            seen.append({"error": str(refused)})
        else:
            seen.append(
                result.model_dump(mode="json", by_alias=True, exclude_none=True)
            )
    return seen


def run(main: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]) -> None:
    print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
