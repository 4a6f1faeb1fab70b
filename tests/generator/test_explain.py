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
        "written    shop.yaml:126:5",
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


@pytest.mark.parametrize(
    ("options", "because"),
    [
        (("--exclude", "/products"), "--exclude /products"),
        (("--include", "orders"), "--include orders: not among these"),
    ],
)
def test_what_a_pattern_leaves_out(
    mcpgen: Run, options: tuple[str, str], because: str
) -> None:
    result = mcpgen("explain", "GET /products", "shop.yaml", *options, cwd=SPECS)
    told = f"becomes    nothing: it is left out\nbecause    {because}\n"
    assert told in result.stdout


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            "OrderController_create",
            [
                "becomes    the tool place_order",
                "because    preset semantic: anything -> tool",
                "name       from mcpgen.toml",
                "code       orders_mcp/operations/orders.py, `place_order`",
                "arguments  tenant: path `tenant`, required, string",
                f"{'':11}source: member of the body `source`, always \"mcp\", and not shown",
                "           reference: member of the body `ref`, string",
                "body       application/x-www-form-urlencoded",
                "decided    name, title, annotations, arguments in x-mcp",
                "           arguments, body at mcpgen.toml:36:1",
                "           name at mcpgen.toml:23:1",
                "note       rules.py:19:1: is changed by `component` [plugin]",
            ],
        ),
        (
            "orders://{tenant}/{order}",
            [
                "becomes    the template show_order",
                "URI        orders://{tenant}/{order}",
                r"because    preset semantic: GET, path \{ -> template",
                "name       from rules.py",
                "code       orders_mcp/operations/orders.py, `show_order`",
            ],
        ),
        (
            "OrderController_destroy",
            [
                "becomes    nothing: it is left out",
                "because    rule 1 of the settings: tag admin -> exclude",
            ],
        ),
        (
            "legacy",
            [
                "becomes    nothing: it is left out",
                "because    rules.py: exclude by `route`, not resource",
            ],
        ),
        (
            "chase_order",
            [
                "prompt     chase_order",
                "written    mcpgen.toml:49:1",
                "becomes    the prompt chase_order",
                "code       orders_mcp/prompts.py, `chase_order`",
                "arguments  order: required, The id of the order.",
                "           tone: optional, How the letter sounds.",
                "           city: required",
            ],
        ),
    ],
)
def test_what_was_decided(mcpgen: Run, asked: str, expected: list[str]) -> None:
    result = mcpgen("explain", asked, cwd=SPECS.parent / "cases" / "curated")
    assert "\n".join(expected) in result.stdout


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
    assert f"no operation and no prompt is '{asked}'" in result.stderr
    assert f"did you mean {near} or" in result.stderr
