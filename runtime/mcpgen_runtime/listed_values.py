"""Values that the API lists: completions taken from an answer of one of its operations.

The list is the answer itself, or the first array in it. What was listed is kept for
half a minute, so that it isn't fetched with every key that a user presses; what fails
is an empty list.
"""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from .content import Result
from .errors import CompositionError, McpError, nearest
from .operation import Operation

logger = logging.getLogger(__name__)

CallByName: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[Result]]

_KEPT: Final = 30.0
"""Seconds."""
_LISTS: Final = 32
_VALUES: Final = 1_000


class ListedValues:
    """The members `field` of what the operation `name` lists, as a completer.

    `search` is its argument that takes what was typed so far. Its other arguments are
    those that are known already under the same names. Raises CompositionError when it
    has no argument `search`.
    """

    def __init__(
        self,
        call: CallByName,
        name: str,
        operation: Operation,
        field: str,
        search: str | None,
    ) -> None:
        properties = operation.schema["properties"]
        if search is not None and search not in properties:
            raise CompositionError(
                f"{name!r} has no argument {search!r}{nearest(search, properties)}"
            )
        self._call = call
        self._name = name
        self._operation = operation
        self._field = field
        self._search = search
        self._kept: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()

    async def __call__(self, typed: str, known: Mapping[str, str]) -> tuple[str, ...]:
        texts = {
            name: text
            for name, text in known.items()
            if name in self._operation.schema["properties"]
        }
        if self._search is not None and typed:
            texts[self._search] = typed
        key = json.dumps(texts, sort_keys=True)
        until, values = self._kept.get(key, (0.0, ()))
        if until < time.monotonic():
            values = await self._fetched(self._operation.arguments(texts))
            self._kept[key] = (time.monotonic() + _KEPT, values)
            self._kept.move_to_end(key)
            while len(self._kept) > _LISTS:
                self._kept.popitem(last=False)
        if self._search is not None:
            return values
        start = typed.casefold()
        return tuple(value for value in values if start in value.casefold())

    async def _fetched(self, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        try:
            result = await self._call(self._name, arguments)
            if result.is_error:
                raise ValueError(result.content[0]["text"])
            answer = json.loads(result.content[0]["text"])
        except (McpError, ValueError, LookupError) as error:
            logger.warning("no completions from %s: %s", self._name, error)
            return ()
        items = (_value(item, self._field) for item in _first_list(answer)[:_VALUES])
        return tuple(dict.fromkeys(item for item in items if item))


def _first_list(answer: Any) -> list[Any]:
    waiting = deque([answer])
    while waiting:
        node = waiting.popleft()
        if isinstance(node, list):
            return node
        if isinstance(node, Mapping):
            waiting.extend(node.values())
    return []


def _value(item: Any, field: str) -> str:
    value = item.get(field) if isinstance(item, Mapping) else item
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
