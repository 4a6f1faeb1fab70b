"""Functions as components: what each is listed as, and how a call of it goes.

A plain function runs in a thread, an async one on the loop. What a function raises as
ToolError is for the client; of anything else, the client learns only that it failed.
"""

from __future__ import annotations

import inspect
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from ..components import Kind, Schema
from ..content import Result, error
from ..context import Context
from ..errors import McpError, ToolError
from .output import Output
from .signature import Signature
from .threads import Threads
from .values import prompt_result, resource_result, tool_result

logger = logging.getLogger(__name__)

Icons: TypeAlias = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(ABC):
    """A function of the author's, under the name that clients know it by."""

    name: str
    title: str | None = None
    description: str
    icons: Icons = ()
    signature: Signature

    @property
    def schema(self) -> Schema:
        return self.signature.schema

    @abstractmethod
    def entries(self) -> tuple[tuple[Kind, dict[str, Any]], ...]:
        """The entries that list it, each with the listing that it belongs to."""

    def as_tool(self) -> FunctionTool:
        """The same function for clients that only call tools."""
        return FunctionTool(
            name=self.name,
            title=self.title,
            description=self.description,
            icons=self.icons,
            signature=self.signature,
            annotations={"readOnlyHint": True},
        )

    async def run(
        self, arguments: Mapping[str, Any], context: Context, threads: Threads
    ) -> Result:
        """The outcome of a call; raises ArgumentsError, and RequestError as it comes.

        `arguments` have passed the schema.
        """
        bound = self.signature.bind(arguments, context)
        try:
            return self._result(await call(self.signature.function, bound, threads))
        except ToolError as problem:
            return error(str(problem), status=problem.status)
        except McpError:
            raise
        except (Exception, SystemExit):
            logger.exception("%s failed", self.name)
            return error(f"{self.name} failed; the server's log says why")

    def _result(self, value: Any) -> Result:
        """What it gave, as a result; TypeError or ValueError for what can't be one."""
        return tool_result(value, self.name)

    def _entry(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": self.name}
        if self.title:
            entry["title"] = self.title
        entry["description"] = self.description
        if self.icons:
            entry["icons"] = [dict(icon) for icon in self.icons]
        return entry


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTool(Function):
    annotations: Mapping[str, Any] | None = None
    output: Output | None = None

    def entries(self) -> tuple[tuple[Kind, dict[str, Any]], ...]:
        entry = self._entry() | {"inputSchema": self.schema}
        if self.output:
            entry["outputSchema"] = self.output.schema
        if self.annotations:
            entry["annotations"] = dict(self.annotations)
        return (("tool", entry),)

    def _result(self, value: Any) -> Result:
        result = tool_result(value, self.name)
        if self.output:
            self.output.check(result)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionResource(Function):
    """`uri` is a URI, or a template whose variables are the function's arguments."""

    uri: str
    mime_type: str | None = None
    annotations: Mapping[str, Any] | None = None
    size: int | None = None

    def entries(self) -> tuple[tuple[Kind, dict[str, Any]], ...]:
        entry = self._entry()
        if self.mime_type:
            entry["mimeType"] = self.mime_type
        if self.annotations:
            entry["annotations"] = dict(self.annotations)
        if self.size is not None:
            entry["size"] = self.size
        start, _, variables = self.uri.partition("{")
        plain: tuple[Kind, dict[str, Any]] = ("resource", {"uri": start} | entry)
        if not variables:
            return (plain,)
        template = {"uriTemplate": self.uri} | entry
        if variables[0] in "?&" and not self.schema.get("required"):
            return (plain, ("template", template))
        return (("template", template),)

    def _result(self, value: Any) -> Result:
        return resource_result(value, self.mime_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(Function):
    def entries(self) -> tuple[tuple[Kind, dict[str, Any]], ...]:
        required = self.schema.get("required", ())
        arguments = []
        for name, schema in self.schema["properties"].items():
            argument = {"name": name, "required": name in required}
            if "description" in schema:
                argument["description"] = schema["description"]
            arguments.append(argument)
        return (("prompt", self._entry() | {"arguments": arguments}),)

    def _result(self, value: Any) -> Result:
        return prompt_result(value, self.name)


async def call(
    function: Callable[..., Any],
    arguments: Sequence[Any] | Mapping[str, Any],
    threads: Threads,
) -> Any:
    """What a function returns: an async one on the loop, a plain one in a thread."""
    if isinstance(arguments, Mapping):
        bound = partial(function, **arguments)
    else:
        bound = partial(function, *arguments)
    value = bound() if _is_async(function) else await threads.run(bound)
    return await value if inspect.isawaitable(value) else value


def _is_async(function: Callable[..., Any]) -> bool:
    called = type(function).__call__
    return any(inspect.iscoroutinefunction(part) for part in (function, called))
