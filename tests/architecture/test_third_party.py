"""Which module may import what from PyPI: a literal list, so that it changes on purpose.

The layers are contracts of import-linter, in pyproject.toml.
"""

from __future__ import annotations

import sys

import grimp

THIRD_PARTY = {
    "mcpgen.cache": {"platformdirs"},
    "mcpgen.cli": {"click"},
    "mcpgen.cli.bundle": {"click"},
    "mcpgen.cli.check": {"click"},
    "mcpgen.cli.diff": {"click"},
    "mcpgen.cli.doctor": {"click"},
    "mcpgen.cli.explain": {"click"},
    "mcpgen.cli.generate": {"click"},
    "mcpgen.cli.init": {"click"},
    "mcpgen.cli.options": {"click"},
    "mcpgen.cli.output": {"click"},
    "mcpgen.cli.serve": {"click"},
    "mcpgen.discovery": {"httpx"},
    "mcpgen.emit.declarations": {"anyascii"},
    "mcpgen.emit.layout": {"black"},
    "mcpgen.emit.literal": {"black"},
    "mcpgen.emit.models": {"datamodel_code_generator"},
    "mcpgen.emit.templates": {"black", "jinja2"},
    "mcpgen.load.copies": {"httpx"},
    "mcpgen.load.network": {"httpx"},
    "mcpgen.load.overlay": {"jsonpath"},
    "mcpgen.name.arguments": {"anyascii"},
    "mcpgen.name.slug": {"anyascii"},
    "mcpgen.name.words": {"anyascii"},
    "mcpgen.operations.access": {"openapi_pydantic"},
    "mcpgen.operations.bodies": {"openapi_pydantic"},
    "mcpgen.operations.parameters": {"openapi_pydantic"},
    "mcpgen.operations.read": {"openapi_pydantic"},
    "mcpgen.operations.reading": {"pydantic"},
    "mcpgen.position": {"yaml"},
    "mcpgen.schema.overrides": {"jsonschema_rs"},
    "mcpgen.settings.validate": {"jsonschema_rs"},
    "mcpgen.schema.samples": {"rstr"},
    "mcpgen.schema.prose": {"markdown_it"},
    "mcpgen.yaml12": {"yaml"},
    "mcpgen_runtime.client.http": {"httpx"},
    "mcpgen_runtime.excerpt": {"msgspec"},
    "mcpgen_runtime.forwarding": {"httpx"},  # for type checkers only
    "mcpgen_runtime.healing": {"jsonschema_rs"},  # for type checkers only
    "mcpgen_runtime.schemas": {"jsonschema_rs"},
    "mcpgen_runtime.server": {"httpx"},  # for type checkers only
    "mcpgen_runtime.settings": {"dotenv"},
    "mcpgen_runtime.transports.network": {"uvicorn"},
    "mcpgen_runtime.upstream.connection": {"httptools"},
    "mcpgen_runtime.upstream.engine": {"certifi"},
    "mcpgen_runtime.upstream.head": {"httpx"},  # for names of hosts beyond ASCII
    "mcpgen_runtime.upstream.httpx_transport": {"httpx"},
    "mcpgen_runtime.upstream.response": {"msgspec"},
}


def test_third_party_imports() -> None:
    graph = grimp.build_graph(
        "mcpgen", "mcpgen_runtime", include_external_packages=True, cache_dir=None
    )
    ours = {"mcpgen", "mcpgen_runtime", "mcpgen_templates"}
    found = {
        module: {
            imported
            for imported in graph.find_modules_directly_imported_by(module)
            if imported.partition(".")[0] not in ours | sys.stdlib_module_names
        }
        for module in graph.modules
        if module.partition(".")[0] in ours
    }
    assert {module: names for module, names in found.items() if names} == THIRD_PARTY
