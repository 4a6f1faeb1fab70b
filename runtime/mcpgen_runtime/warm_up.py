"""What the first call needs, loaded by importing this module.

A server imports it in a thread once its first listing is out: while the client reads
the listing, all that a call goes through gets ready for the one that is likely to follow.
"""

from __future__ import annotations

from . import calls
from .upstream import client

__all__ = ["calls", "client"]
