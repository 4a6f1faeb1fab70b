"""What settings that hold the schema can still have wrong: one part against another."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mcpgen_runtime.prompts import placeholders

from ..diagnostics import Diagnostic, Location
from .validate import OF_ONE_API, nearest, problem
from .values import SECTIONS


def contradictions(table: Mapping[str, Any], at: Location) -> Iterator[Diagnostic]:
    """Errors in the settings of a file, whose top is `at`, in its order."""
    apis = table.get("apis", {})
    for key in table if apis else ():
        if key in OF_ONE_API:
            yield problem(
                f"`{key}` is of one API, and there are several",
                at.child(key),
                hint=f"put it under [apis.{next(iter(apis))}], or another of them",
            )
    for name, one in apis.items():
        yield from _of_api_name(name, apis, at.child("apis", name))
        yield from contradictions(one, at.child("apis", name))
    for section, setting in SECTIONS.items():
        for key in table.get(section, {}):
            if setting in table.get("operations", {}).get(key, {}):
                yield problem(
                    f"`{key}` has a {setting} here and under `operations`",
                    at.child(section, key),
                    hint="keep one of them",
                )
    taken: set[str] = set()
    for index, prompt in enumerate(table.get("prompts", ())):
        yield from _of_prompt(prompt, at.child("prompts", index), taken)
        taken.add(prompt["name"])


def _of_api_name(name: str, names: Iterable[str], at: Location) -> Iterator[Diagnostic]:
    for other in names:
        if name.startswith(f"{other}_"):
            yield problem(
                f"`{name}` begins with `{other}_`, as the tools of `{other}` do",
                at,
                hint="give one of them another name",
            )


def _of_prompt(
    prompt: Mapping[str, Any], at: Location, taken: set[str]
) -> Iterator[Diagnostic]:
    name, arguments = prompt["name"], prompt.get("arguments", {})
    if name in taken:
        yield problem(
            f"another prompt is called `{name}`",
            at.child("name"),
            hint="give one of them another name",
        )
    if keyword.iskeyword(name):
        yield problem(
            f"`{name}` can't be the name of a prompt",
            at.child("name"),
            hint="Python reserves that word",
        )
    used: set[str] = set()
    for index, message in enumerate(prompt["messages"]):
        found = placeholders(message["text"])
        used |= {*found}
        for unknown in (one for one in found if one not in arguments):
            yield problem(
                f"`{{{unknown}}}` is no argument of the prompt `{name}`",
                at.child("messages", index, "text"),
                hint=nearest(unknown, arguments)
                or f"add it to `arguments`, or say {{{{{unknown}}}}} for the text itself",
            )
    for unused in (one for one in arguments if one not in used):
        yield problem(
            f"no message of the prompt `{name}` has the argument `{unused}`",
            at.child("arguments", unused),
            hint=f"put {{{unused}}} where it belongs, or remove the argument",
        )
