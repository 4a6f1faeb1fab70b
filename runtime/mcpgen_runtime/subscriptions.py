"""The requests of clients that want to be told of changes, in every version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from . import stateless
from .changes import Change, Changes, concerns
from .context import Context
from .errors import (
    RESOURCE_NOT_FOUND,
    RequestError,
    invalid_params,
    method_not_found,
)
from .messages import Request
from .telling import Teller

if TYPE_CHECKING:
    from .tasks import Task, Tasks


async def listen(
    changes: Changes,
    tasks: Tasks | None,
    exists: Callable[[str], bool],
    request: Request,
    context: Context,
) -> None:
    """Serve a subscription of the stateless protocol, until the transport ends."""
    wanted: Any = request.params.get("notifications")
    honoured = changes.honoured(wanted, exists)
    chosen: Sequence[Task] = ()
    if tasks is not None and "taskIds" in wanted:
        chosen = tasks.chosen(wanted["taskIds"], context.client_capabilities)
        honoured["taskIds"] = [task.id for task in chosen]
    meta = stateless.subscription_meta(request.id)

    teller = Teller(
        lambda change: context.notify(change.notification(meta)), context.drained
    )

    def hear(change: Change) -> None:
        if concerns(change, honoured):
            teller.hear(change)

    def watch(task: Task) -> None:
        context.notify(task.notification(meta))

    context.notify(stateless.acknowledged(request.id, honoured))
    with ExitStack() as told:
        told.callback(teller.close)
        told.enter_context(changes.heard(hear))
        for task in chosen:
            told.enter_context(task.watched(watch))
        await context.closing.wait()


async def subscribe(
    changes: Changes,
    exists: Callable[[str], bool],
    request: Request,
    context: Context,
) -> None:
    """Begin or end to tell the client of a session of one resource's updates."""
    if "updates" not in changes.announced:
        raise method_not_found(request.method)
    uri = request.params.get("uri")
    if not isinstance(uri, str):
        raise invalid_params("Invalid params: uri must be a string")
    if request.method == "resources/unsubscribe":
        context.session.subscriptions.discard(uri)
    elif exists(uri):
        context.session.subscribe(uri)
    else:
        raise RequestError(RESOURCE_NOT_FOUND, "Resource not found", {"uri": uri})
