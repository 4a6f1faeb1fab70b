"""Where a document holds schemas (OpenAPI 2.0, 5.2; 3.2, 4.1 to 4.24; JSON Schema
2020-12, 10 and 11).

For each kind of object, what kind its members are of: `*` is any member, `[]` each
item. What the grammar doesn't name (examples, defaults, extensions) holds no schemas.
"""

from __future__ import annotations

from collections.abc import Mapping

_METHODS = (
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
    "query",
)

GRAMMAR: Mapping[str, Mapping[str, str]] = {
    "document": {
        "paths": "paths",
        "webhooks": "paths",
        "components": "components",
        "definitions": "schemas",
    },
    "paths": {"*": "path item"},
    "path item": {
        **dict.fromkeys(_METHODS, "operation"),
        "additionalOperations": "operations",
        "parameters": "parameters",
    },
    "operations": {"*": "operation"},
    "operation": {
        "parameters": "parameters",
        "requestBody": "body",
        "responses": "responses",
        "callbacks": "callbacks",
    },
    "callbacks": {"*": "paths"},
    "components": {
        "schemas": "schemas",
        "parameters": "parameters",
        "headers": "parameters",
        "requestBodies": "bodies",
        "responses": "responses",
        "pathItems": "paths",
        "callbacks": "callbacks",
        "mediaTypes": "content",
    },
    "parameters": {"*": "parameter", "[]": "parameter"},
    "parameter": {"schema": "schema", "content": "content"},
    "bodies": {"*": "body"},
    "body": {"content": "content"},
    "responses": {"*": "response"},
    "response": {"content": "content", "headers": "parameters"},
    "content": {"*": "media type"},
    "media type": {
        "schema": "schema",
        "itemSchema": "schema",
        "encoding": "encodings",
        "prefixEncoding": "encodings",
        "itemEncoding": "encoding",
    },
    "encodings": {"*": "encoding", "[]": "encoding"},
    "encoding": {"headers": "parameters"},
    "schemas": {"*": "schema", "[]": "schema"},
    "schema": {
        **dict.fromkeys(
            (
                "additionalProperties",
                "contains",
                "contentSchema",
                "else",
                "if",
                "not",
                "propertyNames",
                "then",
                "unevaluatedItems",
                "unevaluatedProperties",
            ),
            "schema",
        ),
        **dict.fromkeys(
            (
                "$defs",
                "allOf",
                "anyOf",
                "definitions",
                "dependentSchemas",
                "oneOf",
                "patternProperties",
                "prefixItems",
                "properties",
            ),
            "schemas",
        ),
        "items": "items",
    },
}
