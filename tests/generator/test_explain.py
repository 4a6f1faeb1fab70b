"""`mcpgen explain`: what an operation becomes, by which rule, and where its code is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
SPECS = Path(__file__).parents[2] / "fixtures" / "specs"


@pytest.mark.parametrize(
    "asked", ["GET /products/{productId}", "get  /products/{productId}", "getProduct"]
)
def test_a_resource(mcpgen: Run, asked: str) -> None:
    result = mcpgen("explain", asked, "shop.yaml", cwd=SPECS)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "operation  GET /products/{productId}",
        "id         getProduct",
        "becomes    the template get_product",
        "URI        api://shop/products/{productId}{?currency}",
        r"because    preset semantic: GET, path \{ -> template",
        "name       from the operationId",
        "code       shop_mcp/operations/products.py, `get_product`",
        "arguments  productId: path `productId`, required, integer",
        "           currency: query `currency`, string",
    ]


def test_a_tool_by_its_name(mcpgen: Run) -> None:
    options = ("--preset", "tools")
    result = mcpgen("explain", "get_product", "shop.yaml", *options, cwd=SPECS)
    assert "becomes    the tool get_product\n" in result.stdout
    assert "because    preset tools: anything -> tool\n" in result.stdout


def test_what_is_left_out(mcpgen: Run) -> None:
    options = ("--exclude", "/products")
    result = mcpgen("explain", "GET /products", "shop.yaml", *options, cwd=SPECS)
    assert "becomes    nothing: it is left out" in result.stdout


def test_an_operation_that_is_broken_says_why(mcpgen: Run) -> None:
    case = SPECS.parent / "cases" / "defects"
    broken = next(
        line.split(": ")[2]
        for line in (case / "report.txt").read_text().splitlines()
        if ": error[" in line
    )
    result = mcpgen("explain", broken, "spec.yaml", cwd=case)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f": {broken}: " in result.stderr


@pytest.mark.parametrize(
    ("asked", "near"),
    [("GET /product", "GET /products"), ("getProdukt", "getProduct")],
)
def test_the_nearest_is_named(mcpgen: Run, asked: str, near: str) -> None:
    result = mcpgen("explain", asked, "shop.yaml", cwd=SPECS)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"no operation is '{asked}'" in result.stderr
    assert f"did you mean {near} or" in result.stderr
