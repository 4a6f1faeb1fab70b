"""Every code that a finding can have, with what it means.

docs/diagnostics.md explains each with an example and what to do; a test keeps the two
and the code itself in agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        # The document can't be used.
        "ambiguous": "A folder or an archive holds several documents.",
        "alias": "YAML aliases stand for more values than can be held.",
        "application": "A live application can't be imported or has no document.",
        "binary": "The document is not text.",
        "bundle": "A folder holds no package that can be bundled.",
        "empty": "The document is empty.",
        "html": "A page came where a document was expected.",
        "no-such-operation": "No operation has the method and path, the id or the name.",
        "no-operations": "Nothing is left that could be served.",
        "not-a-file": "A folder was named instead of a document.",
        "not-a-package": "The folder holds no package that mcpgen wrote.",
        "not-found": "There is no such file, and no document at a URL.",
        "not-openapi": "The document is not an OpenAPI document.",
        "output": "The output folder can't be written, or holds what isn't mcpgen's.",
        "syntax": "The document is neither JSON nor YAML.",
        "too-deep": "The document is nested too deeply.",
        "too-large": "The document is too large to be read.",
        "unreadable": "The document can't be read or fetched.",
        "version": "The document is of a version that is not understood, or not told.",
        # An operation, or a part of it, can't be served as it is described.
        "body": "A body has several forms, and one of them is served.",
        "dropped-parameter": "A parameter has no place where it is read by URI.",
        "logo": "The picture of the API can't be shown to anybody.",
        "malformed": "A part of the document is not what OpenAPI says it is.",
        "name": "A name can't be used where it stands.",
        "no-base-url": "The document doesn't say where the API is.",
        "no-models": "The types for extension code can't be made.",
        "not-a-resource": "A GET is a tool, because a URI can't carry what it needs.",
        "overlay": "An overlay can't be used, or not where it says.",
        "part-header": "A header of a part has no value of its own, and is not sent.",
        "path-parameter": "A path and its parameters don't agree.",
        "pattern": "A pattern of --include or --exclude matches nothing.",
        "plugin": "A plugin decided about an operation, or it can't.",
        "repeated-key": "A key is given twice, and only the last one counts.",
        "setting": "A setting of mcpgen.toml or x-mcp can't be kept.",
        "schema": "A schema has a keyword with a value that it can't have.",
        "several-documents": "A file holds several documents, and the first one is read.",
        "security-scheme": "A credential can't be sent as the document describes it.",
        "server": "A server URL can't be used as it is.",
        "style": "A parameter has a style that it can't have.",
        "subtypes": "A type has too many subtypes for all of them to be listed.",
        "template": "A template of the user's can't be used.",
        "unresolved-reference": "A reference can't be followed.",
        # `mcpgen doctor`: what agents stumble over.
        "ambiguous-name": "A name is easily taken for another.",
        "deep-schema": "An argument is nested deeply.",
        "duplicate-description": "Two operations are described in the same words.",
        "giant-enum": "An argument lists very many values.",
        "large-tool": "One tool alone costs many tokens.",
        "many-tools": "There are more tools than an agent chooses well among.",
        "no-operation-id": "An operation has no operationId.",
        "short-description": "A description says no more than the name.",
        "token-cost": "Listing the tools costs many tokens.",
        "undescribed-argument": "An argument has no description.",
        "undescribed-change": "An operation that changes things doesn't say what it does.",
        "undescribed-read": "An operation that reads doesn't say what it gives.",
        "unpaged-list": "A list can't be asked for in parts.",
    }
)
