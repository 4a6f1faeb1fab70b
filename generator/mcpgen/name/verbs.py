"""Verbs, as the last segment of a path has them: `/invoices/{id}/finalize`.

Words that are hardly ever the name of a thing: `/runs/{id}/cancel` cancels, but
`/cards/{id}/transfer` may be a transfer.
"""

from __future__ import annotations

from collections.abc import Sequence

_ACTS = frozenset(
    """accept activate add apply approve assign attach authenticate ban calculate cancel
    capture clear confirm create deactivate decline delete detach disable disconnect
    dismiss enable execute finalize find follow generate get install invalidate merge
    mute pause publish reactivate redact refresh regenerate register reject remove
    rename replace resend resolve restore revoke rotate send set start stop submit subscribe
    suspend terminate unapprove unarchive unassign unban unblock unfollow uninstall
    unlink unlock unmute unpause unpublish unshare unsubscribe unsuspend update upload
    validate verify void""".split()  # noqa: SIM905
)
_THINGS = frozenset({"refresh", "register", "restore", "update", "upload"})
"""What names a thing where a word follows: refresh token, upload session."""
_READS = frozenset({"find", "get"})
_READING = frozenset({"get", "head", "query"})


def says_what_is_done(segment: Sequence[str], method: str) -> bool:
    """Whether the words of a path's last segment are a verb, or one and its object."""
    verb, *rest = segment
    if not rest:
        return verb in (_READS | {"list", "search"} if method in _READING else _ACTS)
    verbs = _READS if method in _READING else _ACTS - _THINGS
    return verb in verbs and rest[0] not in _ACTS
