"""The author's own decisions: a Python module with functions that mcpgen asks.

Whatever goes wrong in one is told with its place in that module, and a sentence. What it
prints goes to standard error, since standard output may be for programs.
"""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeAlias, get_args

from .diagnostics import Diagnostic, InputError, Location

Hook: TypeAlias = Literal["route", "name", "component"]
_HOOKS: tuple[Hook, ...] = get_args(Hook)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The text of a plugin, for findings to show."""

    text: str
    format: str = "python"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A module of the author's: its path as findings have it, and its hooks."""

    source: str
    text: Source = field(repr=False)
    functions: Mapping[Hook, Callable[..., Any]]

    def ask(self, hook: Hook, subject: str, *given: object) -> Any:
        """What a hook says; None where there is no such hook, or it says nothing.

        Raises InputError when it fails.
        """
        function = self.functions.get(hook)
        if function is None:
            return None
        try:
            with redirect_stdout(sys.stderr):
                return function(*given)
        except (Exception, SystemExit) as problem:
            line = last_line(problem, function.__code__.co_filename)
            told = f"`{hook}` fails for {subject}: {_told(problem)}"
            raise self._refused(told, line or self._line_of(hook)) from problem

    def refused(self, hook: Hook, subject: str, told: str, hint: str) -> InputError:
        """The error that a hook gave what can't be."""
        return self._refused(
            f"`{hook}` gave for {subject} {told}", self._line_of(hook), hint
        )

    def at(self, hook: Hook) -> Location:
        return Location(self.source, mark=(self._line_of(hook), 1))

    def _line_of(self, hook: Hook) -> int:
        return int(self.functions[hook].__code__.co_firstlineno)

    def _refused(self, told: str, line: int, hint: str | None = None) -> InputError:
        return _refused(self.source, told, line, hint, self.text)


def plugin(named: str) -> Plugin:
    """The plugin in a file, `rules.py`, or in a module, `team.rules`, as it is named
    from the working folder. Its code is run.

    Raises InputError.
    """
    with _importable_from_here():
        spec = _found(named)
        path = str(spec.origin)
        try:
            text = Source(text=Path(path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            raise _refused(named, "can't be read: it is no Python source") from None
        source = _relative(path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            with redirect_stdout(sys.stderr):
                spec.loader.exec_module(module)  # type: ignore[union-attr]
        except (Exception, SystemExit) as problem:
            told = f"can't be imported: {_told(problem)}"
            line = last_line(problem, path)
            raise _refused(source, told, line, text=text) from problem
    own: dict[Hook, Any] = {
        hook: vars(module)[hook] for hook in _HOOKS if hook in vars(module)
    }
    for hook, function in own.items():
        if not inspect.isfunction(function):
            told = f"`{hook}` is no function"
            raise _refused(source, told, hint=f"write it as def {hook}(…)", text=text)
    if not own:
        near = [
            f"did you mean {hook} by {one}?"
            for hook in _HOOKS
            for one in difflib.get_close_matches(hook, vars(module), n=1)
        ]
        hint = near[0] if near else "see docs/configuration.md"
        told = f"has none of the functions {', '.join(_HOOKS)}"
        raise _refused(source, told, hint=hint, text=text)
    return Plugin(source=source, text=text, functions=own)


@contextmanager
def _importable_from_here() -> Iterator[None]:
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        sys.path.remove(here)


def _found(named: str) -> ModuleSpec:
    try:
        if named.endswith(".py"):
            file = Path(named).resolve()
            name = f"mcpgen_plugin_{file.stem}"
            spec = importlib.util.spec_from_file_location(name, file)
            spec = spec if file.is_file() else None
        else:
            spec = importlib.util.find_spec(named)
    except (Exception, SystemExit) as problem:
        raise _refused(named, f"can't be found: {_told(problem)}") from problem
    if spec is None or spec.origin is None or spec.loader is None:
        hint = "name a file, rules.py, or a module that can be imported, team.rules"
        raise _refused(named, "there is no such plugin", hint=hint)
    return spec


def _relative(path: str) -> str:
    """A path without what all paths of the working folder begin with."""
    file, here = Path(path), Path.cwd().resolve()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else file.name


def last_line(problem: BaseException, path: str) -> int | None:
    """The last line of a file that was run before something went wrong."""
    if isinstance(problem, SyntaxError) and problem.filename == path:
        return problem.lineno
    lines = [at for file, at in _frames(problem.__traceback__) if file == path]
    return lines[-1] if lines else None


def _frames(traceback: TracebackType | None) -> Iterator[tuple[str, int]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        traceback = traceback.tb_next


def _told(problem: BaseException) -> str:
    text = problem.msg if isinstance(problem, SyntaxError) else str(problem)
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__


def _refused(
    source: str,
    told: str,
    line: int | None = None,
    hint: str | None = None,
    text: Source | None = None,
) -> InputError:
    mark = (line or 1, 1) if text else None
    return InputError(
        Diagnostic(
            severity="error",
            code="plugin",
            message=told,
            location=Location(source, mark=mark),
            hint=hint,
        ),
        {source: text} if text else None,
    )
