"""Processes that write trees and are killed, or run at the same time; see test_swap.py.

python writers.py killed ROOT        ROOT/0, ROOT/1, … : killed before its nth step
python writers.py unswapped ROOT     the same where the system can't swap folders
python writers.py together FOLDER    many runs for one folder
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from mcpgen.emit import File, Tree
from mcpgen.write import swap, write

STEPS = ("open", "os.", "shutil.", "ctypes.")
"""Audit events of what changes a file system, among others (docs.python.org)."""


def tree(state: str, *more: str) -> Tree:
    """A package whose owned files all hold the same text, and are more or fewer."""
    owned = ("__main__.py", "server.py", "operations/a.py", *more)
    files = [File(path=f"shop_mcp/{path}", text=state) for path in owned]
    files.append(File(path="tests/test_server.py", text=state))
    files.append(File(path="shop_mcp/extensions.py", text="offered", owner="user"))
    return {file.path: file for file in files}


OLD = tree("old", "operations/gone/b.py")
NEW = tree("new", "operations/new/c.py")
LATER = tree("later")


def killed(root: Path) -> None:
    step = 0
    while True:
        folder = root / str(step)
        write(OLD, folder, force=False, dry_run=False)
        (folder / "shop_mcp" / "extensions.py").write_text("mine")
        (folder / "shop_mcp" / "operations" / "mine.py").write_text("mine")
        if child := os.fork():
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if ended == 0:
                return
            assert ended == -signal.SIGKILL
            step += 1
        else:
            _die_before(step)
            write(NEW, folder, force=False, dry_run=False)
            os._exit(0)


def _die_before(step: int) -> None:
    left = step

    def hook(event: str, _: object) -> None:
        nonlocal left
        if event.startswith(STEPS):
            left -= 1
            if left == -1:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def together(folder: Path) -> None:
    children = []
    for number in range(6):
        if child := os.fork():
            children.append(child)
            continue
        for turn in range(10):
            made = (OLD, NEW, LATER)[(number + turn) % 3]
            write(made, folder, force=False, dry_run=False)
        os._exit(0)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    mode, path = sys.argv[1:]
    if mode == "unswapped":
        swap._exchange_of_the_system = lambda: None
    if mode == "together":
        together(Path(path))
    else:
        killed(Path(path))
