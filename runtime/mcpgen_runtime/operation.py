"""A component in use: what stands between the arguments of a call and what runs it.

It is loaded with the first call, not with the listing; coercion, and the validator with
healing, when a call needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .components import Schema
from .errors import ArgumentsError
from .fitting import Check, fitting
from .integers import with_integers

if TYPE_CHECKING:
    from .completion import Completer
    from .inventory import Served
    from .middleware import Middleware
    from .schemas import Validator


class Operation:
    """A component in use, with the schema that its arguments are checked against.

    `wrappers` are put around its calls, and `completers` know values of its arguments.
    """

    def __init__(
        self,
        component: Served,
        schema: Schema,
        wrappers: Sequence[Middleware] = (),
        completers: Mapping[str, Completer] | None = None,
    ) -> None:
        self.component = component
        self.schema = schema
        self.wrappers = wrappers
        self.completers = completers or {}

    def check(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments with slips put right, and integers put as integers.

        Raises ArgumentsError, told to whoever made them.
        """
        try:
            return self._checked(arguments)
        except RecursionError:
            raise ArgumentsError("arguments: are nested too deeply") from None

    def _checked(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self._fits(arguments):
            arguments = self._validated(arguments)
        checked: Mapping[str, Any] = with_integers(
            arguments, self.schema, self.schema.get("$defs", {})
        )
        return checked

    def _validated(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        problems = self._validator.errors(arguments)
        if problems:
            from .healing import heal

            with suppress(UnicodeEncodeError):
                arguments = heal(arguments, self._validator.problems)
                problems = self._validator.errors(arguments)
        if problems:
            raise ArgumentsError("\n".join(problems))
        return arguments

    def arguments(self, texts: Mapping[str, str | list[str]]) -> dict[str, Any]:
        """Arguments from text, typed as their schemas say."""
        from .coercion import coerce

        definitions = self.schema.get("$defs", {})
        properties = self.schema["properties"]
        return {
            name: coerce(properties.get(name, {}), text, definitions)
            for name, text in texts.items()
        }

    @cached_property
    def lists(self) -> frozenset[str]:
        """The names of the arguments that are lists."""
        from .coercion import is_list

        definitions = self.schema.get("$defs", {})
        properties = self.schema["properties"].items()
        return frozenset(n for n, schema in properties if is_list(schema, definitions))

    @cached_property
    def _fits(self) -> Check:
        return fitting(self.schema)

    @cached_property
    def _validator(self) -> Validator:
        from .schemas import Validator

        return Validator(self.schema)
