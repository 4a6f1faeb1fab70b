"""Prompts as templates: messages whose text has `{argument}` in it, as plain values.

What is given for an argument is put where its placeholder stands, once and as it is:
nothing in it is a placeholder again, and no other brace means anything. A text that
shall have `{city}` in it says `{{city}}`.

Pure: values in, values out; no I/O, no asyncio.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .components import Kind, Schema
from .content import Result, text_block

_PLACEHOLDER = re.compile(r"\{(\{\w+\})\}|\{([A-Za-z_]\w*)\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """What a user gives: a text. `enum` has the only ones that are taken, `values` some
    that are offered; both complete what is typed. Left out, it is an empty text."""

    name: str
    description: str | None = None
    required: bool = True
    enum: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def schema(self) -> Schema:
        schema: dict[str, Any] = {"type": "string"}
        if self.description:
            schema["description"] = self.description
        if self.enum:
            schema["enum"] = list(self.enum)
        if self.values:
            schema["examples"] = list(self.values)
        return schema


@dataclass(frozen=True, slots=True)
class PromptMessage:
    text: str
    role: Literal["user", "assistant"] = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTemplate:
    """A prompt, under the name that clients know it by."""

    name: str
    title: str | None = None
    description: str = ""
    arguments: tuple[PromptArgument, ...] = ()
    messages: tuple[PromptMessage, ...]

    @property
    def schema(self) -> Schema:
        """The schema of the arguments: an object schema."""
        return {
            "type": "object",
            "properties": {one.name: one.schema for one in self.arguments},
            "required": [one.name for one in self.arguments if one.required],
            "additionalProperties": False,
        }

    def entries(self) -> tuple[tuple[Kind, dict[str, Any]], ...]:
        """The entry that lists it (2025-11-25, server/prompts)."""
        entry: dict[str, Any] = {"name": self.name}
        if self.title:
            entry["title"] = self.title
        if self.description:
            entry["description"] = self.description
        entry["arguments"] = [
            {"name": one.name}
            | ({"description": one.description} if one.description else {})
            | {"required": one.required}
            for one in self.arguments
        ]
        return (("prompt", entry),)

    async def run(self, arguments: Mapping[str, str], *_: object) -> Result:
        """Its messages; `arguments` have passed the schema."""
        return Result(
            content=tuple(
                text_block(filled(one.text, arguments)) for one in self.messages
            ),
            roles=tuple(one.role for one in self.messages),
        )


def placeholders(text: str) -> tuple[str, ...]:
    """The names of the arguments that stand in a text, each once."""
    found = (match[2] for match in _PLACEHOLDER.finditer(text))
    return tuple(dict.fromkeys(name for name in found if name))


def filled(text: str, arguments: Mapping[str, str]) -> str:
    """A text with the arguments in their places."""
    return _PLACEHOLDER.sub(lambda m: m[1] or arguments.get(m[2], ""), text)
