"""The example of docs/testing.md, run as its reader would."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from harness import CREDENTIALS, ROOT, ShopApi, run

EXAMPLE = re.findall(
    r"^```python\n(.*?)^```",
    (ROOT / "docs" / "testing.md").read_text(),
    re.MULTILINE | re.DOTALL,
)[0]


def test_the_story(shop_package: Path, api: ShopApi, tmp_path: Path) -> None:
    (tmp_path / "test_story.py").write_text(EXAMPLE)
    variables = {**CREDENTIALS, "SHOP_BASE_URL": api.url}
    pytest = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    run(
        *(sys.executable, *pytest, "test_story.py"),
        cwd=tmp_path,
        PYTHONPATH=str(shop_package.parent),
        **variables,
    )
    (sent,) = api.received()
    assert (sent["method"], sent["target"]) == ("POST", "/v1/products")
