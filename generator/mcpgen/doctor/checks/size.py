"""What listings and schemas cost: an agent reads all tools before it calls one."""

from __future__ import annotations

from collections.abc import Iterator

from mcpgen_runtime.components import Argument

from ...diagnostics import Diagnostic
from ..patient import Patient, Served
from .check import Check, Found, counted

MOST_TOOLS = 40
MOST_TOKENS = 20_000
MOST_TOKENS_A_TOOL = 2_000
MOST_VALUES = 50
DEEPEST = 5


def _tools(patient: Patient) -> Found:
    number = len(patient.tools)
    message = (
        f"the server has {number:,} tools; agents choose worse beyond {MOST_TOOLS}"
    )
    return _beyond(number, MOST_TOOLS, "many-tools", message)


def _tokens(patient: Patient) -> Found:
    number = sum(cost.tokens for cost in patient.tools)
    message = f"listing the tools costs about {number:,} tokens in each conversation"
    return _beyond(number, MOST_TOKENS, "token-cost", message)


def _beyond(number: int, most: int, code: str, message: str) -> Found:
    finding = Diagnostic(severity="note", code=code, message=message)
    return Found(
        affected=max(0, number - most), total=max(number, 1), findings=(finding,)
    )


def _large(patient: Patient) -> Found:
    tokens = {cost.name: cost.tokens for cost in patient.tools}
    large = [
        one
        for one in patient.served
        if tokens.get(one.component.name, 0) > MOST_TOKENS_A_TOOL
    ]
    large.sort(key=lambda one: -tokens[one.component.name])
    return counted(
        (
            one.finding(
                "large-tool",
                f"`{one.component.name}` costs about "
                f"`{tokens[one.component.name]:,}` tokens",
            )
            for one in large
        ),
        len(tokens),
    )


def _enums(patient: Patient) -> Found:
    return counted(
        (
            served.finding(
                "giant-enum",
                f"its argument `{argument.name}` lists `{number}` values",
                served.place_of(argument),
            )
            for served, argument in patient.arguments()
            if (number := _longest_enum(argument, patient)) > MOST_VALUES
        ),
        len(list(patient.arguments())),
    )


def _longest_enum(argument: Argument, patient: Patient) -> int:
    enums = (one.get("enum") for _, one in patient.walk(argument.schema))
    return max((len(one) for one in enums if isinstance(one, list)), default=0)


def _deep(patient: Patient) -> Found:
    return counted(_depths(patient), len(patient.served))


def _depths(patient: Patient) -> Iterator[Diagnostic]:
    for served in patient.served:
        deepest, levels = _deepest(served, patient)
        if deepest is not None and levels > DEEPEST:
            yield served.finding(
                "deep-schema",
                f"its argument `{deepest.name}` is nested `{levels}` levels deep",
                served.place_of(deepest),
            )


def _deepest(served: Served, patient: Patient) -> tuple[Argument | None, int]:
    found: Argument | None = None
    most = 0
    for argument in served.component.shown:
        levels = max(level for level, _ in patient.walk(argument.schema))
        if levels > most:
            found, most = argument, levels
    return found, most


CHECKS = (
    Check(
        code="many-tools",
        weight=8,
        sentence=f"tools beyond {MOST_TOOLS}, from where on agents choose worse",
        help="serve a part: --include TAG, or several servers of one part each",
        find=_tools,
    ),
    Check(
        code="token-cost",
        weight=8,
        sentence=f"tokens of the tools beyond {MOST_TOKENS:,}, paid in each conversation",
        help="serve a part with --include, or shorten the largest descriptions and "
        "bodies",
        find=_tokens,
    ),
    Check(
        code="large-tool",
        weight=4,
        sentence=f"tools of more than {MOST_TOKENS_A_TOOL:,} tokens",
        help="shorten descriptions and examples of the body, or leave it out: --exclude",
        find=_large,
    ),
    Check(
        code="giant-enum",
        weight=3,
        sentence=f"arguments with a list of more than {MOST_VALUES} values",
        help="name the standard (`ISO 3166 country code`) and give a `pattern` instead",
        find=_enums,
    ),
    Check(
        code="deep-schema",
        weight=2,
        sentence=f"operations with an argument of more than {DEEPEST} levels",
        help="take flat members where the API allows it; agents lose their way in nests",
        find=_deep,
    ),
)
