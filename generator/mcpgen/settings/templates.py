"""The templates in a folder of the user's, each under the name of one of mcpgen's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from ..config import Template
from ..diagnostics import Diagnostic, InputError, Location
from .validate import nearest

_SUFFIX = ".jinja"


def templates(folder: Path) -> Mapping[str, Template]:
    """The templates by name, such as `package/server.py.jinja`; hidden files aren't any.

    Raises InputError for a folder without any, and for a file that is none.
    """
    known = tuple(_known(resources.files("mcpgen_templates")))
    found: dict[str, Template] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in Path(name).parts):
            continue
        if name not in known:
            hint = nearest(name, known) or f"those that are: {', '.join(known)}"
            raise _refused(path, "is not the name of a template", hint)
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise _refused(path, "can't be read as UTF-8 text") from None
        found[name] = Template(source=path.as_posix(), text=text)
    if not found:
        raise _refused(folder, "is no folder with templates")
    return found


def _known(folder: Traversable, above: str = "") -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _known(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield f"{above}{entry.name}"


def _refused(path: Path, told: str, hint: str | None = None) -> InputError:
    return InputError(
        Diagnostic(
            severity="error",
            code="template",
            message=told,
            location=Location(path.as_posix()),
            hint=hint,
        )
    )
