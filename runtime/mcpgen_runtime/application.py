"""An ASGI application by its import path, `shop.main:app`, and its lifespan.

Nothing but the standard library is imported here, and nothing of this package: mcpgen
runs this file by itself, in the environment of the application, to ask for its
document.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import re
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
Asgi: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

VERSIONS: Final = {"version": "3.0", "spec_version": "2.4"}
"""The versions of ASGI that a scope names."""

_NAMES: Final = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_PATH: Final = re.compile(rf"({_NAMES}):({_NAMES})(\(\))?")
_LONGEST: Final = 300
_STOPPING: Final = 5.0
"""Seconds that an application has to shut down."""


class ApplicationError(Exception):
    """An application can't be used; the text is a sentence without its end, with the
    cause and its place. `hint` says what to do."""

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(sentence)
        self.hint = hint


def is_import_path(text: str) -> bool:
    """Whether a text is `module:attribute`, or `module:factory()`."""
    return _PATH.fullmatch(text) is not None


def load(path: str) -> Asgi:
    """The application that an import path names; a factory is called.

    It is looked for in the working directory and in its `src`, too, after all other
    places. Raises ApplicationError.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise ApplicationError(
            f"{path!r} is no import path", "give it as module:attribute"
        )
    here = os.getcwd()
    for folder in (here, os.path.join(here, "src")):
        if folder not in sys.path and os.path.isdir(folder):
            sys.path.append(folder)
    found = _imported(match[1])
    for name in match[2].split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise ApplicationError(
                f"the module {match[1]} has no {match[2]!r}",
                f"name the application as it is called in {_shown(found, match[1])}",
            ) from None
    if match[3]:
        found = _made(found, path)
    if not _takes(found, 3):
        hint = "name the application itself: a FastAPI, Starlette or other ASGI app"
        if callable(found) and _takes(found, 0):
            hint = f"where it makes the application, call it: {path}()"
        raise ApplicationError(f"{path} is no ASGI application", hint)
    application: Asgi = found
    return application


def cause(error: BaseException) -> str:
    """`ValueError: the text (shop/main.py:12)`: an exception on one line.

    Of the values that a validation error shows, none is repeated.
    """
    if isinstance(error, SyntaxError):
        return f"{error.msg} ({_relative(error.filename or '')}:{error.lineno})"
    lines = (line.partition(" [type=")[0].strip() for line in str(error).splitlines())
    text = " ".join(filter(None, lines))
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if os.path.isabs(frame.filename) and frame.filename != __file__
    ]
    own = [frame for frame in frames if _is_own(frame.filename)]
    named = type(error).__name__ + (f": {text}" if text else "")
    for frame in reversed(own or frames):
        return f"{named} ({_relative(frame.filename)}:{frame.lineno})"
    return named


class Lifespan:
    """The lifespan of an application (ASGI, Lifespan Protocol 2.0).

    `state` is what requests are given a copy of. An application that doesn't know the
    protocol runs without it.
    """

    def __init__(self, application: Asgi) -> None:
        self.state: dict[str, Any] = {}
        self._application = application
        self._incoming: asyncio.Queue[Event] = asyncio.Queue()
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._refusal: str | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when the application has started; raises ApplicationError."""
        self._incoming.put_nowait({"type": "lifespan.startup"})
        scope = {"type": "lifespan", "asgi": VERSIONS, "state": self.state}
        task = asyncio.ensure_future(
            self._application(scope, self._incoming.get, self._send)
        )
        self._task = task
        try:
            await asyncio.wait(
                {task, self._started}, return_when=asyncio.FIRST_COMPLETED
            )
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.done() and not task.cancelled():
            error = task.exception()
            if self._refusal is not None:
                said = self._refusal.strip().rpartition("\n")[2]
                raise ApplicationError(
                    f"its startup fails: {cause(error) if error else said}",
                    "put it right, and start again",
                )

    async def stop(self) -> None:
        """Return when the application has shut down, or won't."""
        task, self._task = self._task, None
        if task is None:
            return
        self._incoming.put_nowait({"type": "lifespan.shutdown"})
        done, _ = await asyncio.wait({task}, timeout=_STOPPING)
        if not done:
            task.cancel()
        elif self._started.done() and (error := task.exception()) is not None:
            logger.error("the application fails to shut down: %s", cause(error))

    async def _send(self, event: Event) -> None:
        if event["type"] == "lifespan.startup.complete":
            self._started.set_result(None)
        elif event["type"] == "lifespan.startup.failed":
            self._refusal = event.get("message") or "it gives no reason"
            self._incoming.put_nowait({"type": "lifespan.shutdown"})


class Application:
    """An application that runs in this process, for as long as its server does.

    `start` begins to import and to start it, in the background; the import runs in a
    thread, so that nothing else waits for it.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._starting: asyncio.Task[tuple[Asgi, Lifespan]] | None = None

    def start(self) -> None:
        """Begin, unless it has begun; a failure is logged, and the next start retries."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
            self._starting.add_done_callback(self._tell)

    async def ready(self) -> tuple[Asgi, dict[str, Any]]:
        """The started application and its state; raises ApplicationError."""
        self.start()
        assert self._starting
        application, lifespan = await asyncio.shield(self._starting)
        return application, lifespan.state

    async def stop(self) -> None:
        """Have it shut down, if it runs."""
        starting, self._starting = self._starting, None
        if starting is None:
            return
        if not starting.done():
            starting.cancel()
        with suppress(ApplicationError, asyncio.CancelledError):
            _, lifespan = await starting
            await lifespan.stop()

    async def _start(self) -> tuple[Asgi, Lifespan]:
        loop = asyncio.get_running_loop()
        application = await asyncio.to_thread(_load_for, loop, self._path)
        lifespan = Lifespan(application)
        await lifespan.start()
        return application, lifespan

    def _tell(self, starting: asyncio.Task[Any]) -> None:
        if starting.cancelled() or (error := starting.exception()) is None:
            return
        if self._starting is starting:
            self._starting = None
        hint = error.hint if isinstance(error, ApplicationError) else ""
        logger.error("%s can't be started: %s; %s", self._path, error, hint)


def _load_for(loop: asyncio.AbstractEventLoop, path: str) -> Asgi:
    """Load in a thread; what asks for the event loop meanwhile gets the server's."""
    asyncio.set_event_loop(loop)
    try:
        return load(path)
    finally:
        asyncio.set_event_loop(None)


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing == name or name.startswith(f"{missing}."):
            raise ApplicationError(
                f"there is no module named {missing!r} for {sys.executable}",
                "run this in the folder that holds it, with the application's "
                "environment active; or set PYTHONPATH",
            ) from None
        raise ApplicationError(
            f"the import of {name} fails: {cause(error)}",
            f"install what the application needs where {sys.executable} finds it",
        ) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it may raise anything
        raise ApplicationError(
            f"the import of {name} fails: {cause(error)}",
            f"put it right; `{os.path.basename(sys.executable)} -c 'import {name}'` "
            "shows all of it",
        ) from None


def _made(factory: Any, path: str) -> Any:
    if not callable(factory):
        raise ApplicationError(
            f"{path.removesuffix('()')} can't be called",
            "leave out the () where it is the application itself",
        )
    try:
        return factory()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it may raise anything
        raise ApplicationError(
            f"{path} fails: {cause(error)}",
            "a factory must make the application without arguments",
        ) from None


def _takes(value: Any, arguments: int) -> bool:
    """Whether a value can be called with so many arguments."""
    if not callable(value) or isinstance(value, type):
        return False
    try:
        inspect.signature(value).bind(*range(arguments))
    except (TypeError, ValueError):
        return False
    return True


def _shown(module: Any, name: str) -> str:
    file = getattr(module, "__file__", None)
    return _relative(file) if file else name


def _is_own(file: str) -> bool:
    """Whether a file is below the working directory, and not installed there."""
    return not os.path.isabs(_relative(file)) and "site-packages" not in file


def _relative(file: str) -> str:
    """A file below the working directory by its way from there, any other as it is."""
    below = os.getcwd() + os.sep
    return file.removeprefix(below)
