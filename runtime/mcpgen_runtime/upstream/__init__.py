"""The way to the API: requests out, answers back.

`request` and `response` (with `serialization`, `body` and `decoding` below them) are
pure functions on values; `auth` holds credentials as values; `client` alone does I/O.
"""
