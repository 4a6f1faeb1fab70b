"""What extension code may do to a server: add its own, and change what was generated.

All of it may be done while the server runs, from any thread.
Every method raises CompositionError when it can't be carried out; its message has the
place in the author's code, and says what to do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import stateless
from .changes import Change, ChangeKind, Changes, ListKind
from .errors import CompositionError
from .inventory import Inventory
from .loop import Loop

if TYPE_CHECKING:
    from .catalog import Catalog
    from .completion import Completer
    from .components import Component, Kind, Schema
    from .content import Result
    from .functions.function import Function
    from .middleware import Middleware, RequestMiddleware
    from .prompts import PromptTemplate
    from .skills import Skill

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound="Completer")


class Composition:
    """What is served, while it is put together."""

    def __init__(
        self,
        package: str | None,
        catalog: Catalog | None,
        apis: Iterable[str | None],
    ) -> None:
        self._package = package
        self._api_names = tuple(apis)
        self._inventory = Inventory(package, catalog)
        self._skills: list[Skill] = []
        self._middleware: list[Middleware] = []
        self._request_middleware: list[RequestMiddleware] = []
        self._loop: Loop | None = None
        self.changes = Changes()

    @overload
    def tool(self, function: F, /) -> F: ...

    @overload
    def tool(
        self,
        /,
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        annotations: Mapping[str, bool | str] | None = None,
        icons: Sequence[Mapping[str, Any]] = (),
        input_schema: Schema | None = None,
    ) -> Callable[[F], F]: ...

    def tool(
        self,
        function: Any = None,
        /,
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        annotations: Mapping[str, bool | str] | None = None,
        icons: Sequence[Mapping[str, Any]] = (),
        input_schema: Schema | None = None,
    ) -> Any:
        """Serve a function as a tool: `@server.tool`, or with options in parentheses.

        Its name, docstring and type hints are the tool's unless options say otherwise.
        `annotations` are hints such as `readOnlyHint`; `input_schema` is served as it
        stands, and the function then takes the arguments as JSON.
        """
        from .functions import author

        def component(function: Any) -> Function:
            return author.tool(
                function,
                name=name,
                title=title,
                description=description,
                annotations=annotations,
                icons=icons,
                input_schema=input_schema,
            )

        return self._decorate(function, component)

    def resource(
        self,
        uri: str,
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        mime_type: str | None = None,
        annotations: Mapping[str, Any] | None = None,
        icons: Sequence[Mapping[str, Any]] = (),
        size: int | None = None,
    ) -> Callable[[F], F]:
        """Serve a function as the resource `uri`, or as what a URI template names.

        The variables of a template are the parameters of the function. `annotations`
        are `audience`, `priority` and `lastModified`; `size` is in bytes.
        """
        from .functions import author

        if not isinstance(uri, str):

            def refuse() -> None:
                raise CompositionError(
                    'a resource needs its URI: @server.resource("notes://today")'
                )

            self._change(refuse, uri)

        def component(function: F) -> Function:
            return author.resource(
                function,
                uri=uri,
                name=name,
                title=title,
                description=description,
                mime_type=mime_type,
                annotations=annotations,
                icons=icons,
                size=size,
            )

        decorator: Callable[[F], F] = self._decorate(None, component)
        return decorator

    @overload
    def prompt(self, function: F, /) -> F: ...

    @overload
    def prompt(
        self,
        /,
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        icons: Sequence[Mapping[str, Any]] = (),
    ) -> Callable[[F], F]: ...

    def prompt(
        self,
        function: Any = None,
        /,
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        icons: Sequence[Mapping[str, Any]] = (),
    ) -> Any:
        """Serve a function as a prompt; it gives a text, a `Message`, or a list."""
        from .functions import author

        def component(function: Any) -> Function:
            return author.prompt(
                function, name=name, title=title, description=description, icons=icons
            )

        return self._decorate(function, component)

    def skill(self, folder: str | Path) -> None:
        """Serve a folder with a SKILL.md and other files as a skill (skills.py).

        A folder that isn't absolute is one of the package. It is read now.
        """
        from .skills import read_skill

        def change() -> None:
            skill = read_skill(Path(self._folder, folder))
            for component in skill.components():
                self._inventory.add(component, {})
            self._skills.append(skill)

        self._change(change)

    def completion(self, name: str, argument: str) -> Callable[[C], C]:
        """Complete an argument of a prompt or of a resource's URI with a function.

        It is given the text typed so far and the arguments that are known already.
        """

        def decorator(completer: C) -> C:
            self._change(
                lambda: self._inventory.complete(name, argument, completer), completer
            )
            return completer

        return decorator

    def complete_from(
        self,
        name: str,
        argument: str,
        operation: str,
        field: str,
        *,
        search: str | None = None,
    ) -> None:
        """Complete an argument with what an operation of the API lists.

        `field` is the member of each item that is a value of the argument; `search`
        is an argument of the operation that takes what was typed (listed_values.py).
        """
        from .listed_values import ListedValues

        def change() -> None:
            found = self._inventory.named(operation)
            values = ListedValues(self.call, operation, found, field, search)
            self._inventory.complete(name, argument, values)

        self._change(change)

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Result:
        """What a tool or resource gives (server.py)."""
        raise NotImplementedError

    def add(
        self, component: Component, schemas: Mapping[str, Schema] | None = None
    ) -> None:
        """Serve one more operation of the API; its `$ref`s name members of `schemas`.

        Its name or URI must be free, and its `api` one of this server.
        """
        from .functions.author import check_name

        def change() -> None:
            check_name(component.name)
            if component.api not in self._api_names:
                known = " or ".join(f"api={name!r}" for name in self._api_names)
                raise CompositionError(f"{component.name!r} is of no API: say {known}")
            self._inventory.add(component, schemas or {})

        self._change(change)

    def serve_only(
        self,
        components: Iterable[Component | PromptTemplate],
        schemas: Mapping[str, Schema],
    ) -> None:
        """Serve these operations of the API, these templates of prompts, and nothing of
        what was served so far."""
        inventory = Inventory(None, None)
        for component in components:
            inventory.add(component, schemas)

        def change() -> None:
            self._inventory = inventory

        self._change(change)

    def remove(self, name: str) -> None:
        """Stop serving a tool, a resource or a prompt."""
        self._change(lambda: self._inventory.remove(name))

    def hide(self, name: str) -> None:
        """Keep a tool, a resource or a prompt from clients; `call` still knows it."""
        self._change(lambda: self._inventory.hide(name))

    def rename(self, name: str, new_name: str) -> None:
        """Serve a tool, a resource or a prompt under another name."""
        from .functions.author import check_name

        self._change(
            lambda: self._inventory.change(
                name, lambda kind, listed: {"name": check_name(new_name)}
            )
        )

    def describe(
        self,
        name: str,
        *,
        title: str | None = None,
        description: str | None = None,
        annotations: Mapping[str, Any] | None = None,
        icons: Sequence[Mapping[str, Any]] = (),
        size: int | None = None,
    ) -> None:
        """Say something else about a tool, a resource or a prompt.

        `annotations` are joined to those that are there; prompts have none, and only
        resources have a `size` (functions/listed.py).
        """
        from .functions.listed import amended

        given = amended(
            title=title,
            description=description,
            annotations=annotations,
            icons=icons,
            size=size,
        )
        self._change(lambda: self._inventory.change(name, given))

    def wrap(self, name: str, middleware: Middleware) -> None:
        """Put code around the calls of one tool, resource or prompt (middleware.py)."""
        self._change(lambda: self._inventory.wrap(name, middleware))

    def add_middleware(self, middleware: Middleware) -> None:
        """Put code around every tool call, resource read and prompt (middleware.py)."""
        self._middleware.append(middleware)

    def add_request_middleware(self, middleware: RequestMiddleware) -> None:
        """Put code around every request, listings and completions too (middleware.py)."""
        self._request_middleware.append(middleware)

    def announce(self, *kinds: ChangeKind) -> None:
        """Declare, before serving, what changes while the server runs.

        `tools`, `prompts` and `resources` are the lists; `updates` are the resources
        themselves (`resource_updated`). Raises CompositionError for any other kind.
        """
        self.changes.announce(*kinds)

    def resource_updated(self, uri: str) -> None:
        """Tell the clients that subscribed to a resource that it is another now."""
        told = partial(self.changes.tell, Change("updates", uri))
        if self._loop is None:
            told()
        else:
            with suppress(CancelledError):  # the loop has ended: nobody is left to tell
                self._loop.call(told)

    def _change(self, change: Callable[[], None], function: Any = None) -> None:
        """Carry out a change where requests are served, and tell of it.

        An error has the place of the function, or else of the author's call.
        """

        def told() -> None:
            with self.changes.between(self._lists):
                change()

        try:
            if self._loop is None:
                told()
            else:
                self._loop.call(told)
        except CompositionError as error:
            place = None
            if callable(function):
                from .functions.signature import where

                place = where(function)
            place = place or _line_of_the_author()
            raise CompositionError(f"{place}: {error}") from None

    @property
    def _folder(self) -> str:
        """Where the package is."""
        return import_module(self._package).__path__[0] if self._package else ""

    def _lists(self) -> Mapping[ListKind, object]:
        listing = self._inventory.listing
        resources: tuple[Kind, ...] = ("resource", "template")
        return {
            "tools": [listing("tool", stateless.VERSION)],
            "resources": [listing(kind, stateless.VERSION) for kind in resources],
            "prompts": [listing("prompt", stateless.VERSION)],
        }

    def _decorate(self, function: Any, component: Callable[[Any], Function]) -> Any:
        def decorator(function: F) -> F:
            self._change(lambda: self._inventory.add(component(function), {}), function)
            return function

        return decorator if function is None else decorator(function)


def _line_of_the_author() -> str:
    """The file and line that called into this package."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals["__name__"] == __name__:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
