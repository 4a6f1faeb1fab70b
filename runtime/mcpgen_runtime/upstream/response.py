"""An HTTP answer becomes a result for a model.

The rule: a success is delivered whole and exact, whatever it declares about itself; a
failure is told in few words that help to correct the call, and a server's inner life
(stack traces, file paths, HTML) stays out of them.

Pure: values in, values out; no answer makes it raise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urljoin

import msgspec

from .. import content
from ..content import Content, Part, Result
from . import multipart
from .body import essence, is_json

_TEXT = re.compile(
    r"text/.*|.*\+(xml|yaml|json-seq)"
    r"|application/(xml|x?html|yaml|x-yaml|toml|csv|javascript|ecmascript|sql|graphql"
    r"|x-www-form-urlencoded|x-ndjson|ndjson|jsonl|json-lines|x-jsonlines|json-seq"
    r"|problem\+xml|x-sh|rtf|x-tex)"
)
_TITLE = re.compile(r"<(title|h1)\b[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_INTERNAL = re.compile(
    r'Traceback|File "|\bat [\w.$<>]+\(|(^|[\s"\'(])(/[\w.-]+){2,}|[A-Za-z]:\\'
    r"|\b(SELECT|INSERT|UPDATE|DELETE)\b.*\b(FROM|INTO|SET|WHERE)\b"
)
_MESSAGE_MEMBERS = ("title", "detail", "message", "error", "error_description")
_RATE_LIMITS = tuple(
    (f"{prefix}remaining", f"{prefix}limit", f"{prefix}reset")
    for prefix in ("x-ratelimit-", "x-rate-limit-", "ratelimit-")
)
_EXPECTED = {201: ("Location",), 202: ("Location", "Retry-After")}
_OPERATIONS = ("Operation-Location", "Azure-AsyncOperation")
"""Where one looks how a long operation goes on, whatever the status is."""
_LONGEST_HEADER = 500
_SHORT = 2_000


def read(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    uri: str,
    tells: Iterable[str] = (),
    variables: Sequence[str] = (),
    remarks: Iterable[str] = (),
) -> Result:
    """The result of an answer.

    `headers` has lower-case names; `body` is decoded of its content coding; `uri` is
    the request's URL without its query; `tells` names headers that are told of a
    success, beside those that every caller needs; `variables` names the environment variables
    of the operation's credentials, for 401 and 403; `remarks` say how the answer came
    about, and that `body` is only the beginning of a stream.
    """
    if 200 <= status < 300:
        return _success(
            status, headers, body, uri, (*_notes(status, headers, tells), *remarks)
        )
    lines = [_failure(status, headers, body)]
    if status in (401, 403):
        lines.append(_about_credentials(status, variables))
    if status in (429, 503) and "retry-after" in headers:
        lines.append(f"Retry after: {_retry_after(headers['retry-after'])}")
    if status in (403, 429):
        lines += _rate_limit(headers, is_refused=True)
    lines += remarks
    return content.error("\n".join(lines), status=status)


def status_line(status: int) -> str:
    """The code with its standard reason: `404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _success(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    uri: str,
    remarks: Iterable[str],
) -> Result:
    declared = headers.get("content-type", "")
    mime_type = essence(declared) or None
    notes = [content.text_block(remark) for remark in remarks]
    if not body:
        empty = "" if status in (204, 205) else ", with an empty body"
        block = content.text_block(f"{status_line(status)}{empty}")
        return Result(content=(block, *notes), status=status, text="")
    if mime_type is not None and mime_type.startswith("multipart/"):
        found = multipart.parts(body, declared)
        parts = [
            _part(part, uri, f"{uri}#{number}") for number, part in enumerate(found, 1)
        ]
        if parts:
            return Result(
                content=(*(block for block, _ in parts), *notes),
                status=status,
                mime_type=mime_type,
                body=body,
                parts=tuple(part for _, part in parts),
            )
    location = _location(headers, uri)
    read = _read(declared, body, location or uri)
    if read.is_malformed:
        note = "The API calls this answer JSON, but it is not valid JSON."
        notes.append(content.text_block(note))
    block = read.content
    if (
        location is not None
        and not location.startswith("http")  # of what was asked for, in this form
        and read.structured is None
    ):
        block = _embedded(location, read)
    return Result(
        content=(block, *notes),
        structured=read.structured,
        status=status,
        mime_type=read.mime_type,
        text=read.text,
        body=body,
    )


class _Read(NamedTuple):
    """A body, or a part of one, as its media type says."""

    content: Content
    mime_type: str
    text: str | None = None
    structured: bytes | None = None
    is_malformed: bool = False


def _read(declared: str, body: bytes, uri: str) -> _Read:
    mime_type = essence(declared)
    text: str | None = None
    structured: bytes | None = None
    is_malformed = False
    if not mime_type:
        text = _text_of_unknown(body)
        mime_type = "text/plain" if text is not None else "application/octet-stream"
    elif _is_text(mime_type):
        text = _decoded(body, declared)
    if text is not None and (is_json(mime_type) or not declared):
        try:
            text = compact_json(text)
            structured = text.encode()
            mime_type = mime_type if declared else "application/json"
        except (ValueError, RecursionError):
            is_malformed = bool(declared)
    block = _binary(uri, body, mime_type) if text is None else content.text_block(text)
    return _Read(block, mime_type, text, structured, is_malformed)


def _part(part: multipart.Part, base: str, uri: str) -> tuple[Content, Part]:
    location = _location(part.headers, base)
    read = _read(part.headers.get("content-type", ""), part.body, location or uri)
    block = read.content if location is None else _embedded(location, read)
    return block, Part(
        uri=location, mime_type=read.mime_type, text=read.text, body=part.body
    )


def _location(headers: Mapping[str, str], base: str) -> str | None:
    """The URI of what an answer, or a part of one, holds (RFC 9110, 8.7).

    None where it doesn't say, or only says that it is what was asked for.
    """
    named = headers.get("content-location", "").strip()
    if not named:
        return None
    try:
        location = urljoin(base, named)
    except ValueError:
        return None
    return None if location == base or " " in location else location


def _embedded(uri: str, read: _Read) -> Content:
    """A block of text as the resource that it is; the other kinds stay as they are."""
    if read.text is None:
        return read.content
    resource = {"uri": uri, "mimeType": read.mime_type, "text": read.text}
    return {"type": "resource", "resource": resource}


def compact_json(text: str) -> str:
    """The same JSON without space between its tokens; every token stays as it was.

    Raises ValueError (or RecursionError) when it isn't JSON.
    """
    try:
        return msgspec.json.format(text.removeprefix("\ufeff"), indent=-1)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


@lru_cache(maxsize=64)
def _is_text(mime_type: str) -> bool:
    return is_json(mime_type) or _TEXT.fullmatch(mime_type) is not None


def _binary(uri: str, body: bytes, mime_type: str) -> Content:
    if mime_type.startswith("image/"):
        return content.image_block(body, mime_type)
    if mime_type.startswith("audio/"):
        return content.audio_block(body, mime_type)
    return content.blob_block(uri, body, mime_type)


def _decoded(body: bytes, content_type: str) -> str:
    charset = _charset(content_type)
    try:
        if charset is None and is_json(content_type):
            charset = json.detect_encoding(body)
        return body.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


@lru_cache(maxsize=64)
def _charset(content_type: str) -> str | None:
    found = re.search(r'charset\s*=\s*"?([\w.:-]+)', content_type, re.IGNORECASE)
    return found[1] if found else None


def _text_of_unknown(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _notes(
    status: int, headers: Mapping[str, str], tells: Iterable[str]
) -> Iterator[str]:
    named = [*_EXPECTED.get(status, ()), *_OPERATIONS, *tells]
    for name, shown in {name.lower(): name for name in named}.items():
        value = headers.get(name, "").strip()
        if name == "retry-after" and value:
            yield f"Retry after: {_retry_after(value)}"
        elif value:
            text = "".join(one if one.isprintable() else " " for one in value)
            yield f"{shown}: {_shortened(text, _LONGEST_HEADER)}"
    if link := headers.get("link"):
        following = re.search(r'<([^>]*)>[^,]*?;\s*rel\s*=\s*"?next\b', link)
        if following is not None:
            yield f"Next page: {following[1]}"
    yield from _rate_limit(headers, is_refused=False)


def _rate_limit(headers: Mapping[str, str], *, is_refused: bool) -> Iterator[str]:
    """How many requests are left, when the call was refused or they run out."""
    for names in _RATE_LIMITS:
        remaining = headers.get(names[0], "")
        if not remaining.isdecimal():
            continue
        limit = headers.get(names[1], "")
        few = int(remaining) * 10 <= int(limit) if limit.isdecimal() else True
        if is_refused or few:
            of = f" of {limit}" if limit.isdecimal() else ""
            reset = headers.get(names[2], "")
            until = f"; reset: {reset}" if reset else ""
            yield f"Rate limit: {remaining}{of} requests left{until}"
        return


def _retry_after(value: str) -> str:
    return f"{value} s" if value.isdecimal() else value


def _about_credentials(status: int, variables: Sequence[str]) -> str:
    if not variables:
        return "The API description declares no credentials for this operation."
    names = ", ".join(variables)
    if status == 401:
        return f"The API did not accept the credentials; they come from {names}."
    return f"The credentials may lack a permission; they come from {names}."


def _failure(status: int, headers: Mapping[str, str], body: bytes) -> str:
    line = f"HTTP {status_line(status)}"
    if status == 304:
        return f"{line}: the API has nothing newer, and sends no content again"
    if 300 <= status < 400 and "location" not in headers:
        return f"{line}: the answer redirects, but says nowhere to"
    declared = headers.get("content-type", "")
    if not body or not _is_text(essence(declared) or "text/plain"):
        return line
    text = _decoded(body, declared).strip()
    if text[:1] == "<" or "html" in declared:
        title = _TITLE.search(text[:5_000])
        named = " ".join(title[2].split())[:200] if title and status < 500 else ""
        return f"{line}: {named}" if named else f"{line} (an HTML or XML page)"
    try:
        text = compact_json(text)
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    message = "; ".join(dict.fromkeys(_messages(value)))
    if status >= 500 and _INTERNAL.search(message):
        return line
    line = f"{line}: {message}" if message else line
    if status >= 500 or isinstance(value, str) or _is_told(value):
        return line
    return f"{line}\n{_shortened(text)}"


def _messages(value: Any) -> Iterator[str]:
    """The short sentences of an error body (RFC 9457, and what is common beside it)."""
    if isinstance(value, str):
        if value.strip() and "Traceback" not in value:
            yield _shortened(" ".join(value.split()), 300)
    elif isinstance(value, Mapping):
        for name in _MESSAGE_MEMBERS:
            member = value.get(name)
            if isinstance(member, str) or (name == "error" and member):
                yield from _messages(member)


def _is_told(value: Any) -> bool:
    """Whether the messages of an error body are all that it holds."""
    return isinstance(value, Mapping) and all(
        name in _MESSAGE_MEMBERS and isinstance(member, str) and len(member) < 300
        for name, member in value.items()
    )


def _shortened(text: str, length: int = _SHORT) -> str:
    return text if len(text) <= length else f"{text[:length]}… (cut)"
