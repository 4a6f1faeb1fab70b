"""What every client does with the shop, step by step: a name, a method, its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ORDER = {
    "lines": [{"productId": 1, "quantity": 2}],
    "note": None,
    "notify": True,
    "coupon": ["A", "B&C=ü"],
}
PLAN = {"type": "ref/prompt", "name": "plan"}
ORDERS = {"type": "ref/resource", "uri": "api://shop/orders{?status}"}
ANSWER = {"color": "green"}
"""How the user answers the question of the tool `wrap_gift`."""


def _call(name: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
    return "tools/call", {"name": name, "arguments": arguments}


def _read(uri: str) -> tuple[str, dict[str, Any]]:
    return "resources/read", {"uri": uri}


def _complete(ref: Any, name: str, value: str) -> tuple[str, dict[str, Any]]:
    argument = {"name": name, "value": value}
    return "completion/complete", {"ref": ref, "argument": argument}


STEPS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "tools": ("tools/list", {}),
    "resources": ("resources/list", {}),
    "templates": ("resources/templates/list", {}),
    "prompts": ("prompts/list", {}),
    "placed": _call("place_order", **ORDER),
    "invalid": _call("place_order", lines=[]),
    "missing": _call("update_product", productId=99, price=3),
    "sales": _call("get_sales", **{"X-Year": 2026}),
    "health": _read("api://shop/health"),
    "product": _read("api://shop/products/1?currency=EUR"),
    "image": _read("api://shop/products/1/image"),
    "nothing": _read("api://shop/products/99"),
    "plan": ("prompts/get", {"name": "plan", "arguments": {"city": "Bergen"}}),
    "cities": _complete(PLAN, "city", "Ber"),
    "statuses": _complete(ORDERS, "status", "p"),
    "counted": _call("count_stock"),
    "wrapped": _call("wrap_gift", product=1),
}
