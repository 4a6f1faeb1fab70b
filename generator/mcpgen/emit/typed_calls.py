"""calls.py: a function for each operation, which type checkers hold to models.py."""

from __future__ import annotations

from collections.abc import Iterator

from mcpgen_runtime.components import Component

from ..schema import Package
from .declarations import arguments_class
from .layout import laid_out
from .literal import docstring, literal

_OPENING = '''{marker}
"""The operations of the API as functions with types, for extensions.py.

`await calls.{example}(server, …)` is `await server.call({named}, {{…}})`, held to the
types of models.py by type checkers. An operation goes by the name that it was given
here: after `server.rename`, it is called through `server.call`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

if TYPE_CHECKING:
    from . import models as _models
    from ._runtime import Server
    from ._runtime.content import Result'''


def typed_calls(package: Package, marker: str) -> str:
    """The source of calls.py."""
    components = sorted(
        (one for module in package.modules for one in module.components),
        key=lambda component: component.name,
    )
    example = components[0].name
    opening = _OPENING.format(marker=marker, example=example, named=literal(example))
    if not any(component.shown for component in components):
        opening = opening.replace(", Unpack", "").replace(
            "    from . import models as _models\n", ""
        )
    return f"{opening}\n\n\n{laid_out(_functions(components))}"


def _functions(components: list[Component]) -> Iterator[str]:
    for component in components:
        called = literal(component.name)
        taken, given = "", "{}"
        if component.shown:
            model = arguments_class(component.name)
            taken, given = f", **arguments: Unpack[_models.{model}]", "arguments"
        says = f"    {docstring(component.title)}\n" if component.title else ""
        yield (
            f"async def {component.name}(server: Server, /{taken}) -> Result:\n"
            f"{says}    return await server.call({called}, {given})"
        )
