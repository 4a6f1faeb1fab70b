"""What is said of an operation and of its values, from the document to the listing."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen.config import Config
from mcpgen.diagnostics import Report
from mcpgen.load import Document, Documents
from mcpgen.name import name
from mcpgen.operations import operations
from mcpgen.route import route
from mcpgen.schema import package
from mcpgen.spec import spec
from mcpgen_runtime.components import Component


def component(method: str = "post", **operation: Any) -> Component:
    """The component of `/orders/{id}`, served as the default preset has it."""
    value = {
        "openapi": "3.1.0",
        "info": {"title": "Shop"},
        "servers": [{"url": "https://shop.example"}],
        "paths": {"/orders/{id}": {method: operation}},
    }
    document = Document(source="spec", text="", format="json", value=value)
    report, config = Report(), Config()
    api = operations(spec(Documents(root=document)), report)
    made = package(
        name(route(api, config, report).served, api, report), api, config, report
    )
    ((found,),) = (module.components for module in made.modules)
    return found


def result(text: str) -> dict[str, Any]:
    return {"200": {"description": text}}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"summary": "Pay"}, "Pay"),
        ({"description": "Pays an order."}, "Pays an order."),
        (
            {"summary": "Pay an order", "description": "Pays the order at once."},
            "Pays the order at once.",
        ),
        (
            {"summary": "Pay", "description": "Takes money."},
            "Pay. Takes money.",
        ),
        ({"summary": "Pay the order!", "description": "Pay order"}, "Pay order"),
        ({"summary": "Pay now", "deprecated": True}, "Deprecated. Pay now"),
        (
            {"summary": "Pay", "description": "Deprecated: ship.", "deprecated": True},
            "Pay. Deprecated: ship.",
        ),
        ({"operationId": "payOrder"}, "Pay order (POST /orders/{id})."),
        (
            {"summary": "Pay", "responses": result("Returns the receipt with its tax")},
            "Pay\n\nReturns: the receipt with its tax",
        ),
        ({"summary": "Pay", "responses": result("Successful operation")}, "Pay"),
        ({"summary": "Pay", "responses": result("The payment response object")}, "Pay"),
        (
            {"summary": "Pay the tax", "responses": result("The tax paid")},
            "Pay the tax",
        ),
    ],
)
def test_what_an_operation_does(operation: dict[str, Any], expected: str) -> None:
    assert component(**operation).description == expected


def test_a_description_keeps_to_what_function_calling_takes() -> None:
    text = component(description="This is a sentence of many. " * 100).description
    assert text is not None
    assert 1000 < len(text) <= 1024
    assert text.endswith("many.")


def test_a_resource_explains_the_variables_of_its_uri() -> None:
    parameters = [
        {"name": "id", "in": "path", "required": True, "description": "id"},
        {"name": "since", "in": "query", "description": "A <b>day</b>."},
    ]
    found = component("get", summary="An order", parameters=parameters)
    assert found.description == "An order\n\n- since: A day."


def test_titles_and_descriptions_of_values_say_something_new() -> None:
    properties = {
        "item_id": {"type": "integer", "title": "Item Id"},
        "kind": {"type": "string", "title": "What it is", "description": "<p>A</p>"},
        "note": {"type": "string", "description": "A long one. " * 100},
    }
    schema = {"type": "object", "title": "X", "properties": properties}
    content = {"application/json": {"schema": schema}}
    found = component(requestBody={"required": True, "content": content})
    schemas = {one.name: one.schema for one in found.arguments}
    assert schemas["item_id"] == {"type": "integer"}
    assert schemas["kind"]["description"] == "A"
    assert len(schemas["note"]["description"]) <= 400
