"""What a request body says, by its media type; the standard library's parsers read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from nodes import Node
from style_reading import all_read, in_pairs, reads, same, shown, style_of


def has_bytes(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(has_bytes, value.values()))
    if isinstance(value, list):
        return any(map(has_bytes, value))
    return isinstance(value, bytes)


def body_reads(
    essence: str, kind: str, content: bytes, value: Any, media: Node
) -> bool:
    if isinstance(value, bytes):
        return content == value
    if essence.endswith("json"):
        if essence.endswith(("ndjson", "x-json-seq")) and isinstance(value, list):
            return same([json.loads(line) for line in content.splitlines()], value)
        return same(json.loads(content), value)
    if essence == "application/x-www-form-urlencoded":
        text = content.decode("ascii")
        pairs = [pair.partition("=")[::2] for pair in text.split("&") if pair]
        raw = [(unquote(name.replace("+", " ")), text) for name, text in pairs]
        return _form_reads(raw, value, media)
    if essence.startswith("multipart/"):
        return _multipart_reads(kind, content, value, media)
    if essence.endswith("xml") and not isinstance(value, str):
        root = ElementTree.fromstring(content)
        texts = [e.text for e in root.iter() if e.text and e.text.strip()]
        texts += [text for e in root.iter() for text in e.attrib.values()]
        return sorted(texts) == sorted(_leaves(value))
    return content.decode() == shown(value)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value not in (None, ""):
        yield shown(value)


def _form_reads(
    raw: list[tuple[str, str]], value: Mapping[str, Any], media: Node
) -> bool:
    known: list[str] = []
    for name, member in value.items():
        encoding = media.child("encoding", name)
        if encoding.get("style") or encoding.get("explode") is not None:
            names, good = in_pairs(name, *style_of(encoding, "form"), raw, member)
        else:
            mine = [text for key, text in raw if key == name]
            listed = isinstance(member, list) and "json" not in str(
                encoding.get("contentType")
            )
            names = [name]
            good = all_read(mine, member if listed else [member])
        known += names
        if not good:
            return False
    return {name for name, _ in raw} <= set(known)


def _multipart_reads(
    kind: str, content: bytes, value: Mapping[str, Any], media: Node
) -> bool:
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + content)
    found: list[tuple[str, bytes]] = []
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        disposition = part["content-disposition"]
        found.append((unquote(disposition.params["name"]), payload))
    known: list[str] = []
    for name, member in value.items():
        encoding = media.child("encoding", name)
        if encoding.get("style") and not has_bytes(member):
            raw = [
                (key, quote(text.decode("utf-8", "replace"), " ,|"))
                for key, text in found
            ]
            names, good = in_pairs(name, *style_of(encoding, "form"), raw, member)
        else:
            mine = [payload for key, payload in found if key == name]
            listed = isinstance(member, list) and "json" not in str(
                encoding.get("contentType")
            )
            wanted = member if listed else [member]
            wanted = [one for one in wanted if one is not None]
            names = [name]
            good = len(mine) == len(wanted) and all(
                (
                    payload == one
                    if isinstance(one, bytes)
                    else reads(payload.decode(), one)
                )
                for payload, one in zip(mine, wanted, strict=True)
            )
        known += names
        if not good:
            return False
    return {name for name, _ in found} <= set(known)
