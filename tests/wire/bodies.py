"""The catalogue of request bodies: what a document says, a model gives, and is sent."""

from __future__ import annotations

from typing import Any

from .rows import (
    FILE,
    FORM,
    INTEGER,
    MULTIPART,
    OBJECT,
    STRING,
    STRINGS,
    Row,
    body,
    part,
)

MEMBERS = {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "n": {}}}
UPLOAD = {
    "type": "object",
    "properties": {"file": FILE, "files": {"type": "array", "items": FILE}, "meta": {"type": "object"}, "n": INTEGER},
}  # fmt: skip
PART_HEADERS = {
    "X-Kind": {"schema": {"const": [1, 2]}},
    "X-Made": {"required": True, "schema": {"type": "boolean", "default": False}},
    "X-Free": {"schema": STRING},
    "Content-Type": {"schema": {"const": "text/plain"}},
    "Content-Disposition": {"schema": {"const": "attachment"}},
}
PERSON = {
    "type": "object",
    "xml": {"name": "person"},
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": STRING,
    },
}

WITH_READ_ONLY = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": STRING,
        "owner": {"type": "object", "required": ["key"], "properties": {"key": {"type": "string", "readOnly": True}, "email": STRING}, "additionalProperties": False},
    },
}  # fmt: skip


SHARED = "#/components/schemas/Upload"
UPLOADED = {"type": "object", "required": ["file"], "properties": {"file": FILE}}
COMPONENTS = {"Upload": UPLOADED, "Binary": FILE}


def uploads(construct: str, schema: Any) -> Row:
    """A multipart body whose schema has the file `file` somewhere within."""
    return body(
        f"multipart file, {construct}",
        MULTIPART,
        schema,
        {"body": {"file": "data:image/png;name=a.png;base64,iVA="}},
        part("file", b"\x89P", "image/png", "a.png"),
    )


def optional(construct: str, given: dict[str, Any], sent: bytes) -> Row:
    """A body that may be left out, and whose members may not."""
    schema = {"type": "object", "properties": {"a": STRING}, "required": ["a"]}
    content = {"application/json": {"schema": schema}}
    return Row(
        construct=construct, given=given, body=sent, request_body={"content": content}
    )


def several(construct: str, kinds: tuple[str, ...], sent: bytes) -> Row:
    """A body that may have several media types."""
    schema = {"type": "object", "properties": {"a": STRING}}
    content = {kind: {"schema": schema} for kind in kinds}
    return Row(
        construct=construct,
        given={"a": "x"},
        body=sent,
        request_body={"required": True, "content": content},
    )


BODIES = [
    body("JSON members", "application/json", MEMBERS, {"n": [1, {"é": None}]}, '{"n":[1,{"é":null}]}'.encode()),
    body("merge patch", "application/merge-patch+json", MEMBERS, {"a": None}, b'{"a":null}', method="patch"),
    body("no members given", "application/json", MEMBERS, {}, b"{}"),
    body("JSON array", "application/json", STRINGS, {"body": ["a"]}, b'["a"]'),
    body("JSON scalar", "application/vnd.x+json", INTEGER, {"body": 10**20}, b"100000000000000000000"),
    body("free-form object", "application/json", {"type": "object"}, {"body": {"z": 1, "a": 2}}, b'{"z":1,"a":2}'),
    body("one of several", "application/json", {"oneOf": [MEMBERS, STRINGS]}, {"body": ["a"]}, b'["a"]'),
    body("other members", "application/json", {**MEMBERS, "additionalProperties": INTEGER}, {"body": {"a": "x", "more": 5}}, b'{"a":"x","more":5}'),
    body("null as a body", "application/json", {"type": ["object", "null"], "properties": {"a": STRING}}, {"body": None}, b"null"),
    body("no more than what can be written", "application/json", WITH_READ_ONLY, {"name": "x", "owner": {"email": "e"}}, b'{"name":"x","owner":{"email":"e"}}'),
    optional("an optional body", {"body": {"a": "x"}}, b'{"a":"x"}'),
    optional("an optional body, left out", {}, b""),
    Row(construct="a member called as a parameter", given={"id": "q", "body_id_2": "b", "body_id": "c"}, sent="?id=q", body=b'{"id":"b","body_id":"c"}', parameters=({"name": "id", "in": "query", "schema": STRING},), request_body={"required": True, "content": {"application/json": {"schema": {"type": "object", "properties": {"id": STRING, "body_id": STRING}}}}}),
    several("JSON before a form", (FORM, "application/json"), b'{"a":"x"}'),
    several("a form before others", ("text/plain", FORM), b"a=x"),
    body("form", FORM, MEMBERS, {"a": "x y&z", "n": [1, 2]}, b"a=x%20y%26z&n=1&n=2"),
    body("form with an object", FORM, MEMBERS, {"n": {"k": 1}}, b"n=%7B%22k%22%3A1%7D"),
    body("form, deep", FORM, MEMBERS, {"n": {"k": {"l": 1}}}, b"n%5Bk%5D%5Bl%5D=1", encoding={"n": {"style": "deepObject", "explode": True}}),
    body("form, delimited", FORM, {"type": "object", "properties": {"l": STRINGS}}, {"l": ["a", "b|c"]}, b"l=a%7Cb%7Cc", encoding={"l": {"style": "pipeDelimited", "explode": False}}),
    body("form, a list in JSON", FORM, {"type": "object", "properties": {"l": STRINGS}}, {"l": ["a", "b"]}, b"l=%5B%22a%22%2C%22b%22%5D", encoding={"l": {"contentType": "application/json"}}),
    body("form, reserved characters", FORM, MEMBERS, {"a": "x&b=/c+d"}, b"a=x%26b=/c%2Bd", encoding={"a": {"allowReserved": True}}),
    Row(construct="a member of a form that another brings along", given={"n": {"a": "evil"}}, refused="n has members that the API would take for other parameters, leave them out: a:", request_body={"required": True, "content": {FORM: {"schema": MEMBERS, "encoding": {"n": {"style": "form", "explode": True}}}}}),
    Row(construct="the same in one argument", given={"body": {"n": {"a": "evil"}}}, refused="body.n has members", request_body={"required": True, "content": {FORM: {"schema": {**MEMBERS, "additionalProperties": True}, "encoding": {"n": {"style": "form", "explode": True}}}}}),
    body("form with null", FORM, MEMBERS, {"a": None, "n": ""}, b"n="),
    body("multipart text in base64", MULTIPART, {"type": "object", "properties": {"f": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}}}, {"f": "iVA="}, part("f", b"iVA=")),
    body("multipart file with a media type", MULTIPART, {"type": "object", "properties": {"f": {"type": "string", "contentMediaType": "image/png"}}}, {"f": "iVA="}, part("f", b"\x89P", "image/png", "f.png")),
    body("multipart files with a media type", MULTIPART, {"type": "object", "properties": {"f": {"type": "array", "items": {"contentMediaType": "text/csv"}}}}, {"f": ["YQ=="]}, part("f", b"a", "text/csv", "f.csv")),
    *(uploads(construct, schema) for construct, schema in {
        "one of several": {"oneOf": [UPLOADED, {"type": "object", "properties": {"url": STRING}}]},
        "any of references": {"anyOf": [{"$ref": SHARED}, MEMBERS]},
        "all of": {"allOf": [UPLOADED, {"type": "object", "properties": {"n": INTEGER}}], "minProperties": 1},
        "all of references": {"allOf": [{"$ref": SHARED}], "minProperties": 1},
        "a union within": {"minProperties": 1, "allOf": [{"oneOf": [{"$ref": SHARED}, MEMBERS]}]},
        "a minimum beside": UPLOADED | {"minProperties": 1},
        "free names": {"type": "object", "properties": {"n": INTEGER}, "additionalProperties": FILE},
        "patterns": {"type": "object", "patternProperties": {"^f": {"anyOf": [FILE, {"type": "null"}]}}},
        "a described reference": {"type": "object", "minProperties": 1, "properties": {"file": {"allOf": [{"$ref": "#/components/schemas/Binary"}], "description": "It"}}},
    }.items()),
    body("plain beside files of any name", MULTIPART, {"type": "object", "properties": {"n": STRING}, "additionalProperties": FILE}, {"body": {"n": "a"}}, part("n", b"a")),
    body("a file in one branch, text in another", MULTIPART, {"oneOf": [UPLOADED, {"type": "object", "properties": {"file": STRING}}]}, {"body": {"file": "https://x"}}, part("file", b"https://x")),
    body("multipart file", MULTIPART, UPLOAD, {"file": "data:image/png;name=a.png;base64,iVA="}, part("file", b"\x89P", "image/png", "a.png")),
    body("multipart files", MULTIPART, UPLOAD, {"files": ["YQ==", "Yg=="]}, part("files", b"b", "application/octet-stream", "files")),
    body("multipart JSON", MULTIPART, UPLOAD, {"meta": {"k": 1}}, part("meta", b'{"k":1}', "application/json")),
    body("multipart part type", MULTIPART, UPLOAD, {"n": 5}, part("n", b"5", "text/x"), encoding={"n": {"contentType": "text/x"}}),
    body("multipart part headers", MULTIPART, UPLOAD, {"file": "iVA="}, part("file", b"\x89P", "application/octet-stream", "file", "\r\nX-Kind: 1,2\r\nX-Made: false"), encoding={"file": {"headers": PART_HEADERS}}),
    body("multipart file of a type that is listed", MULTIPART, UPLOAD, {"file": "data:image/webp;name=a,%89P"}, part("file", b"\x89P", "image/webp", "a"), encoding={"file": {"contentType": "image/png, image/*"}}),
    body("multipart file of the first type", MULTIPART, UPLOAD, {"file": "iVA="}, part("file", b"\x89P", "image/png", "file.png"), encoding={"file": {"contentType": "image/*, image/png, image/gif"}}),
    body("multipart value of the type that fits", MULTIPART, UPLOAD, {"meta": {"k": 1}}, part("meta", b'{"k":1}', "application/json"), encoding={"meta": {"contentType": "application/xml, application/json"}}),
    body("multipart file in one argument", MULTIPART, {**UPLOAD, "additionalProperties": STRING}, {"body": {"file": "iVA="}}, part("file", b"\x89P", "application/octet-stream", "file")),
    body("octets", "application/octet-stream", FILE, {"body": "iVA="}, b"\x89P"),
    body("multipart list of objects", MULTIPART, {"type": "object", "properties": {"l": {"type": "array", "items": {"type": "object"}}}}, {"l": [{"a": 1}, {"b": 2}]}, part("l", b'{"b":2}', "application/json")),
    body("multipart list of lists", MULTIPART, {"type": "object", "properties": {"l": {"type": "array", "items": STRINGS}}}, {"l": [["a"], ["b"]]}, part("l", b'["b"]', "application/json")),
    body("multipart list of text", MULTIPART, {"type": "object", "properties": {"l": STRINGS}}, {"l": ["a", "b"]}, part("l", b"b")),
    body("multipart list as one part", MULTIPART, {"type": "object", "properties": {"l": STRINGS}}, {"l": ["a", "b"]}, part("l", b'["a","b"]', "application/json"), encoding={"l": {"contentType": "application/json"}}),
    body("an image of any type", "image/*", None, {"body": "data:image/webp;base64,iVA="}, b"\x89P", content_type="image/webp"),
    body("an image of the type that its schema names", "image/*", {"contentMediaType": "image/png"}, {"body": "iVA="}, b"\x89P", content_type="image/png"),
    *(Row(construct=f"no image: {given[:8]}", given={"body": given}, refused="body must be a file of the type image/*", request_body={"content": {"image/*": {}}}) for given in ("iVA=", "data:text/plain,a")),
    body("image without a schema", "image/png", None, {"body": "data:image/png,%89P"}, b"\x89P"),
    body("text", "text/plain", STRING, {"body": "é"}, "é".encode(), content_type="text/plain; charset=utf-8"),
    body("number as text", "text/plain", INTEGER, {"body": 5}, b"5"),
    body("a value on each line", "application/x-ndjson", OBJECT, {"body": [{"a": "1"}, {"b": "é"}]}, '{"a":"1"}\n{"b":"é"}\n'.encode()),
    body("XML", "application/xml", PERSON, {"body": {"id": 1, "name": "A&B"}}, b'<?xml version="1.0" encoding="UTF-8"?><person id="1"><name>A&amp;B</name></person>'),
    body("JSON lines", "application/jsonl", None, {"body": [{"a": 1}, "é"]}, '{"a":1}\n"é"\n'.encode(), itemSchema={}),
    body("JSON sequence", "application/json-seq", STRINGS, {"body": ["a"]}, b'\x1e"a"\n'),
    body("body of a GET", "application/json", STRINGS, {"body": ["a"]}, b'["a"]', method="get"),
    body("body of a QUERY", "application/json", STRINGS, {"body": ["a"]}, b'["a"]', method="query"),
    body("body of a DELETE", "application/json", STRINGS, {"body": ["a"]}, b'["a"]', method="delete"),
    body("stringified JSON", "application/json", STRINGS, {"body": '["a"]'}, b'["a"]'),
    body("one for many", "application/json", STRINGS, {"body": "a"}, b'["a"]'),
]  # fmt: skip
