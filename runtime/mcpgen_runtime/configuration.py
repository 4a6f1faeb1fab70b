"""What the operator of a server decides, read from the environment when it is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from .settings import Settings, SettingsError, environment

if TYPE_CHECKING:
    from .made import Made
    from .store import Store

_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"", "0", "false", "no", "off"})

_MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
"""Enough for a request body of the largest size allowed, in base64."""
_MAX_CALLS: Final = 1000


class Configuration:
    """The settings of one server in its environment.

    `apis` has the settings of each API by its name; without names there is one, and its
    settings are those of the server. Each reading raises SettingsError for a value that
    can't be used.
    """

    def __init__(self, settings: Settings, apis: Mapping[str, Settings] | None) -> None:
        self.settings = settings
        self.apis: Mapping[str | None, Settings] = {None: settings}
        if apis:
            self.apis = dict(apis.items())

    def read_settings(self) -> None:
        """Read all settings of the server now; its APIs have their own."""
        _ = self.page_size, self.max_message_bytes, self.max_calls
        _ = self.calls_per_minute, self.store

    def flag(self, setting: str) -> bool:
        """A setting that is on or off; raises SettingsError when it is neither."""
        variable = self.settings.variable(setting)
        return _flag(variable, self.environment.get(variable, ""))

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """The variables that settings are read from, as they were at the first use."""
        return environment()

    @cached_property
    def state_secret(self) -> bytes:
        """What signs the state of requests of several rounds.

        <PREFIX>_STATE_SECRET, for processes that share the requests of one client;
        without it, a secret of this process.
        """
        given = self.environment.get(self.settings.variable("state_secret"), "")
        if given:
            return given.encode()
        from secrets import token_bytes

        return token_bytes(32)

    @cached_property
    def made(self) -> Made:
        """What requests of several rounds have done so far."""
        from .made import Made

        return Made()

    @cached_property
    def page_size(self) -> int | None:
        """Entries of one page of a listing; None for all of them in one."""
        return self._count("page_size")

    @cached_property
    def max_message_bytes(self) -> int:
        """The most bytes of one message, or batch, of a client."""
        return self._count("max_message_bytes") or _MAX_MESSAGE_BYTES

    @cached_property
    def max_calls(self) -> int:
        """How many requests of clients are answered at once over HTTP."""
        return self._count("max_calls") or _MAX_CALLS

    @cached_property
    def calls_per_minute(self) -> int | None:
        """How many calls clients have on average; None for any number."""
        return self._count("calls_per_minute")

    @cached_property
    def store(self) -> Store | None:
        """What the processes of this server share, where the operator names it."""
        variable = self.settings.variable("store_url")
        url = self.environment.get(variable, "").strip()
        if not url:
            return None
        from .store import Store, StoreError

        try:
            return Store(url, f"{self.settings.prefix}:")
        except StoreError as problem:
            raise SettingsError(f"{variable}: {problem}") from None

    def _count(self, setting: str) -> int | None:
        variable = self.settings.variable(setting)
        text = self.environment.get(variable, "").strip()
        if not text:
            return None
        if not re.fullmatch("[0-9]{1,15}", text) or int(text) == 0:
            raise SettingsError(f"{variable} is {text!r}: give a whole number above 0")
        return int(text)


def _flag(variable: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise SettingsError(f"{variable} is {text!r}: give true or false")
    return word in _YES
