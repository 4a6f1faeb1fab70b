"""What tools, resources and their values say of themselves, in words for a model.

A description has what summary and description say, once; what comes back, where that
adds a word; and, of a resource, the variables of its URI, which no schema shows. Each
has a budget, and whole sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from mcpgen_runtime.components import Argument

from ..name import Named, words
from ..operations import Operation
from .prose import cleaned, cut, first_line, prose

_LONGEST = 1024
"""Characters of a tool's description: what function-calling APIs take."""
_LONGEST_VALUE = 400
"""Characters of the description of an argument or of a member of a schema."""
_LONGEST_TITLE = 80
_LONGEST_RESULT = 200
_LONGEST_OPENING = 600
_TOLD = 160
"""Characters of a description from where on it has told what comes back."""
_FILLERS = frozenset(
    """a an all and any api are as at be by call for from given has in into is it its of
    on one or so specific specified that the their this to using which will with you
    your""".split()  # noqa: SIM905
)
_NOTHING_SAID = _FILLERS | frozenset(
    """accepted body completed content correct created data default deleted description
    expected fine found good http json model modified no not normal object ok okay
    operation output payload performed processed received request requested resource
    response responses result results return returned returns see server status success
    successful successfully succeeded update updated valid value was were when
    """.split()  # noqa: SIM905
)

_HOLLOW = re.compile(r"\bresponse\b|^success", re.IGNORECASE)
_RETURNS = re.compile(r"^returns?(?:ed)?:?\s+", re.IGNORECASE)


def title(operation: Operation) -> str | None:
    """The summary as a title: one line of at most 80 characters."""
    return first_line(operation.summary or "", _LONGEST_TITLE) or None


def description(named: Named, variables: Sequence[Argument]) -> str:
    """What an operation does; `variables` are those of its URI, which it explains."""
    operation = named.route.operation
    text = _purpose(operation) or _spelt_out(named)
    if operation.deprecated and "deprecated" not in text.lower():
        text = f"Deprecated. {text}"
    text = "\n\n".join((text, *_result(operation, text)))
    lines = "\n".join(_explained(variables))
    told = cut(text, _LONGEST - min(len(lines), _LONGEST // 2))
    return cut(f"{told}\n\n{lines}", _LONGEST) if lines else told


def describes(text: str | None) -> str:
    """A description of an argument or of a schema, in at most 400 characters."""
    return prose(text or "", _LONGEST_VALUE)


def described(schema: dict[str, Any], description: str | None) -> dict[str, Any]:
    """The schema with a description of its use, which says more than that of its type."""
    text = describes(description)
    return schema | {"description": text} if text else dict(schema)


def says_its_name(text: str, name: str) -> bool:
    """Whether a title tells no more than the name that it stands at."""
    return words(text) == words(name)


def opening(text: str) -> str:
    """The beginning of the document's description, for the server's instructions."""
    return cut(cleaned(text).split("\n\n")[0].replace("\n", " "), _LONGEST_OPENING)


def _purpose(operation: Operation) -> str:
    """Summary and description, without the one that the other has already."""
    summary = " ".join(cleaned(operation.summary or "").split())
    text = cleaned(operation.description or "")
    if not summary or not text:
        return summary or text
    new = _said(summary, _FILLERS) - _said(text, _FILLERS)
    if not new:
        return text
    if _said(text, _FILLERS) <= _said(summary, _FILLERS):
        return summary
    return f"{summary if summary[-1] in '.!?:…' else f'{summary}.'} {text}"


def _spelt_out(named: Named) -> str:
    """What stands in where the document says nothing: the name, as a sentence."""
    sentence = named.name.replace("_", " ").capitalize()
    return f"{sentence} ({named.route.operation.subject})."


def _result(operation: Operation, text: str) -> Iterator[str]:
    """What the success response says, where a short description doesn't say it."""
    success = (one for one in operation.responses if one.status.startswith("2"))
    response = next(success, None)
    if response is None or len(text) > _TOLD:
        return
    result = " ".join(prose(response.description or "", _LONGEST_RESULT).split())
    new = _said(result, _NOTHING_SAID) - _said(text, _FILLERS)
    if len(new) > 1 and not _HOLLOW.search(result):
        yield f"Returns: {_RETURNS.sub('', result)}"


def _explained(variables: Sequence[Argument]) -> Iterator[str]:
    for variable in variables:
        text = " ".join(str(variable.schema.get("description") or "").split())
        if text and not says_its_name(text, variable.name):
            yield f"- {variable.name}: {text}"


def _said(text: str, fillers: frozenset[str]) -> set[str]:
    """The words of a text that mean something, without their endings."""
    return {
        re.sub(r"(?:ies|es|s|ed|ing|e|y)$", "", word) if len(word) > 3 else word
        for word in words(text)
        if word not in fillers
    }
