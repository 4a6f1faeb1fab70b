"""Why a file can't be used: a code, a sentence that goes on after its name, a fix."""

from __future__ import annotations

from ..diagnostics import Diagnostic, InputError, Location, Text

MOST_BYTES = 64 * 1024 * 1024
"""The size of one file, unpacked."""


class Unreadable(Exception):
    """A file that can't be used; the message goes on after "the document" or "which"."""

    def __init__(
        self,
        code: str,
        problem: str,
        hint: str | None = None,
        *,
        pointer: str = "",
        mark: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem
        self.hint = hint
        self.pointer = pointer
        self.mark = mark


def refused(
    source: str,
    problem: Unreadable,
    text: Text | None = None,
    *,
    what: str = "the document",
) -> InputError:
    """What a user is told where a file that they named can't be used."""
    return InputError(
        Diagnostic(
            severity="error",
            code=problem.code,
            message=f"{what} {problem.problem}",
            location=Location(source, problem.pointer, problem.mark),
            hint=problem.hint,
        ),
        {source: text} if text is not None else {},
    )
