"""`connect` gives a client of the server under test, over each transport in turn."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, TypeAlias

import pytest
from harness import environment

from .pipes import COMMAND, HERE, Pipes
from .posts import Posts
from .schemas import MODERN
from .wire import Wire

Connect: TypeAlias = Callable[..., AbstractAsyncContextManager[Any]]


PAGED = {"SERVED_PAGE_SIZE": "2"}


@contextmanager
def serving(**variables: str) -> Iterator[str]:
    """A server process; gives its URL."""
    command = (*COMMAND, "--transport", "http", "--port", "0")
    with subprocess.Popen(
        command,
        cwd=HERE,
        env=environment(**variables),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        line = process.stderr.readline()
        try:
            yield line.split()[-1]
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def served_url() -> Iterator[str]:
    """Where the server under test is, over HTTP."""
    with serving() as url:
        yield url


@pytest.fixture(params=["stdio", "http"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """`async with connect(version, **capabilities) as client`, over each transport."""
    if request.param == "stdio":
        return connected_by_pipes()
    return connected_by_posts(request.getfixturevalue("served_url"))


@pytest.fixture(params=["stdio", "http"])
def paged(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """The same, with two entries on each page."""
    if request.param == "stdio":
        yield connected_by_pipes(**PAGED)
    else:
        with serving(**PAGED) as url:
            yield connected_by_posts(url)


@pytest.fixture
def pipes() -> Connect:
    """The same, over standard input and output only."""
    return connected_by_pipes()


@pytest.fixture
def posts(served_url: str) -> Connect:
    """The same, over HTTP only."""
    return connected_by_posts(served_url)


def connected_by_pipes(**variables: str) -> Connect:
    @asynccontextmanager
    async def connected(
        version: str = MODERN, /, **capabilities: Any
    ) -> AsyncIterator[Pipes]:
        wire = await Pipes.open(version, capabilities, **variables)
        async with _checked(wire):
            yield wire

    return connected


def connected_by_posts(url: str) -> Connect:
    @asynccontextmanager
    async def connected(
        version: str = MODERN, /, **capabilities: Any
    ) -> AsyncIterator[Posts]:
        wire = Posts(version, capabilities, url)
        async with _checked(wire):
            yield wire

    return connected


@asynccontextmanager
async def _checked(wire: Wire) -> AsyncIterator[None]:
    """A client that has shaken hands; at its end, all that it received was right."""
    try:
        await wire.start()
        yield
        assert wire.problems == []
    finally:
        await wire.close()
        await asyncio.sleep(0)
