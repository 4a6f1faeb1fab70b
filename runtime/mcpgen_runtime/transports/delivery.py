"""From a stream to an HTTP response: each message as it comes, then the answer.

Every function here is about one response; what it reads from may outlive it.
"""

from __future__ import annotations

import asyncio
from typing import Final

from .. import stateless
from ..dispatch import Answer
from ..messages import Id
from ..session import Session
from .exchange import Exchange, shutting_down
from .sessions import HttpSession
from .streams import Stream

_KEEP_ALIVE: Final = 15.0
"""Seconds of silence before a comment is sent, or a response begins."""
_PRIMING_SINCE: Final = "2025-11-25"
"""The version from which a stream begins with an event to come back to."""


async def watch(exchange: Exchange, task: asyncio.Task[Answer], version: str) -> None:
    """Cancel a request of the stateless protocol when its client is gone."""
    await exchange.disconnect()
    if version in stateless.VERSIONS:
        task.cancel()


async def stop_reading(exchange: Exchange, stream: Stream, alone: bool) -> None:
    """End a stream that belongs to no request when its client is gone."""
    await exchange.disconnect()
    if alone:
        stream.close(0)


async def begin(
    stream: Stream, exchange: Exchange, session: HttpSession | None
) -> None:
    """Begin the response as a stream of events, unless it has begun."""
    if session is not None and not exchange.streaming:
        session.keep(stream)
        await exchange.open(first_id=first_id(stream, session.session))
    await exchange.open()


async def forward(
    stream: Stream, exchange: Exchange, session: HttpSession | None, after: int = 0
) -> int:
    """Send messages as they come, until there are none; gives the number of the last.

    After a while without any, the response begins, so that nobody gives it up.
    """
    with stream.read():
        while True:
            try:
                async with asyncio.timeout(_KEEP_ALIVE):
                    item = await stream.next(after)
            except TimeoutError:
                if exchange.streaming:
                    await exchange.keep_alive()
                elif exchange.takes_events:
                    await begin(stream, exchange, session)
                continue
            if item is None:
                return after
            after, message = item
            await begin(stream, exchange, session)
            await exchange.event(message, stream.event_id(after))


async def finish(
    request_id: Id | None,
    task: asyncio.Task[Answer],
    version: str,
    stream: Stream,
    exchange: Exchange,
    closing: bool,
) -> None:
    """End a response by its answer; by nothing when the client cancelled the request.

    With `closing` it was the server that did so. An empty answer is none, either.
    """
    answered = not task.cancelled() and task.result()
    if answered and answered.data:
        data, error = answered
        modern = version in stateless.VERSIONS
        status = stateless.http_status(error) if error and modern else 200
        event_id = stream.event_id(stream.final_number)
        await exchange.answer(status, data, event_id=event_id)
    elif answered and not exchange.streaming:
        await exchange.reply(202)
    elif closing and not exchange.streaming:
        raise shutting_down(request_id)
    elif not exchange.disconnected:
        await exchange.open()
        await exchange.end()


async def close(
    stream: Stream, exchange: Exchange, session: HttpSession | None
) -> None:
    """Close a response whose client will come back for the rest."""
    await begin(stream, exchange, session)
    await exchange.retry(stream.retry or 0)
    await exchange.end()


async def finish_stream(stream: Stream, exchange: Exchange, after: int) -> None:
    if stream.final is not None and after < stream.final_number:
        await exchange.event(stream.final, stream.event_id(stream.final_number))
    if not exchange.disconnected:
        await exchange.end()


def first_id(stream: Stream, session: Session) -> str:
    """The id that a stream begins with, in the versions that begin it so."""
    return stream.event_id(0) if session.version >= _PRIMING_SINCE else ""


def data_of(task: asyncio.Task[Answer]) -> bytes | None:
    """The answer as it is sent; None when there won't be one."""
    return None if task.cancelled() else task.result().data


def drop(message: bytes) -> None:
    """A client that takes no events is told nothing."""
