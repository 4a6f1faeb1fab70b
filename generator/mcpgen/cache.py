"""The user's cache folder: what a run leaves for later ones, which can all do without.

An entry is there as it was kept, or it isn't there: it is put in place in one step, and
begins with the digest of what follows. Nothing that goes wrong here is an error. Only
the user can read the folder; its entries are bounded, the longest unused go first.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

import platformdirs

FOLDER = "MCPGEN_CACHE_DIR"
"""The environment variable that names another folder than the system's for caches."""
_MOST_ENTRIES = 200
_MOST_BYTES = 256 * 1024 * 1024
_DIGEST = hashlib.sha256().digest_size
_ENTRY = re.compile(r"[0-9a-f]{64}|part-\w+")


def recall(key: str) -> bytes | None:
    """What was last kept under a key, if it is still there."""
    path = _folder() / _name(key)
    try:
        entry = path.read_bytes()
    except OSError:
        return None
    content = entry[_DIGEST:]
    if entry[:_DIGEST] != _digest(key, content):
        return None
    with suppress(OSError):
        os.utime(path)
    return content


def keep(key: str, content: bytes) -> None:
    """Keeps a content under a key, in the place of what was there."""
    folder = _folder()
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        descriptor, part = mkstemp(prefix="part-", dir=folder)
        try:
            with open(descriptor, "wb") as opened:
                opened.write(_digest(key, content) + content)
            os.replace(part, folder / _name(key))
        except BaseException:
            os.unlink(part)
            raise
        _prune(folder)


def _folder() -> Path:
    named = os.environ.get(FOLDER)
    base = Path(named) if named else platformdirs.user_cache_path("mcpgen", False)
    return base / "entries"


def _name(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _digest(key: str, content: bytes) -> bytes:
    return hashlib.sha256(_name(key).encode() + content).digest()


def _prune(folder: Path) -> None:
    """Removes what is beyond the bounds."""
    size = 0
    entries = [one for one in folder.iterdir() if _ENTRY.fullmatch(one.name)]
    states = sorted(((one.stat(), one) for one in entries), key=_used, reverse=True)
    for index, (status, entry) in enumerate(states):
        size += status.st_size
        if index >= _MOST_ENTRIES or size > _MOST_BYTES:
            entry.unlink()


def _used(found: tuple[os.stat_result, Path]) -> int:
    return found[0].st_mtime_ns
