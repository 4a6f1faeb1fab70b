"""One generated shop, one place where it is installed alone, one API: for all tests."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import SPECS, ShopApi, generate, new_environment, shop_api

# What runs in the background of a script ignores interrupts, and so do its children:
# here each of them begins as if it were started from a terminal.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test, and no process of one, sees or changes the user's own cache.
_CACHE = tempfile.TemporaryDirectory(prefix="mcpgen-cache-", ignore_cleanup_errors=True)
os.environ["MCPGEN_CACHE_DIR"] = _CACHE.name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the expected trees anew"
    )


@pytest.fixture(scope="session")
def shop_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package that mcpgen writes for the shop."""
    return generate(SPECS / "shop.yaml", tmp_path_factory.mktemp("shop") / "out")


@pytest.fixture(scope="session")
def shop_python(shop_package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment in which that package was installed alone."""
    folder = tmp_path_factory.mktemp("alone") / "venv"
    return new_environment(folder, shop_package.parent)


@pytest.fixture(scope="session")
def running_api() -> Iterator[ShopApi]:
    with shop_api() as api:
        yield api


@pytest.fixture
def api(running_api: ShopApi) -> ShopApi:
    """The shop's API, with an empty record of what it received."""
    running_api.received()
    return running_api
