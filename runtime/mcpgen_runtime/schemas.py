"""Arguments against the schema that was advertised, and messages to correct them by.

The rule: one message per problem, and each says where it is, what was given and what
is allowed, so that a model can repair its call without another look at the schema.
Only the schema's own keywords count: a `format` is advice, and a pattern that the
engine can't compile is left out, so that no tool is lost to a slip in its description.
"""

from __future__ import annotations

import difflib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .coercion import resolve
from .components import Schema

if TYPE_CHECKING:
    import jsonschema_rs

_LOG = logging.getLogger(__name__)
_MAX_MESSAGES = 10
_MAX_CHOICES = 30
_DATA = frozenset({"const", "enum", "default", "examples"})


class Validator:
    """A compiled schema, for checking arguments.

    Raises ValueError when `schema` isn't a usable JSON Schema 2020-12.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema: dict[str, Any] = dict(schema)
        self._engine = _compile(self._schema)

    def errors(self, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        """What is wrong with the arguments; empty when nothing is."""
        try:
            problems = self.problems(arguments)
        except UnicodeEncodeError:
            return ("arguments: have half of a surrogate pair, which is not text",)
        messages = (m for e in problems for m in self._explain(e))
        found = list(dict.fromkeys(messages))
        if len(found) > _MAX_MESSAGES:
            more = len(found) - _MAX_MESSAGES
            found[_MAX_MESSAGES:] = [f"… and {more} more"]
        return tuple(found)

    def problems(
        self, arguments: Mapping[str, Any]
    ) -> list[jsonschema_rs.ValidationError]:
        """The reasons to refuse the arguments, as the engine has them.

        Raises UnicodeEncodeError for half of a surrogate pair, and RecursionError for
        more levels than the engine takes.
        """
        try:
            if self._engine.is_valid(arguments):
                return []
            return [e for e in self._engine.iter_errors(arguments) if _counts(e)]
        except UnicodeEncodeError:
            raise
        except ValueError as error:
            raise RecursionError(str(error)) from None

    def _explain(self, error: jsonschema_rs.ValidationError) -> Iterator[str]:
        where = place(error.instance_path)
        given = shown(error.instance)
        match {"name": error.kind.name, **error.kind.as_dict()}:
            case {"property": str(name)}:
                yield f"{place([*error.instance_path, name])}: {self._missing(error)}"
            case {"unexpected": list(names)}:
                known = list(self._parent(error).get("properties", {}))
                for name in names:
                    unknown = place([*error.instance_path, name])
                    yield f"{unknown}: {unknown_name(str(name), known)}"
            case {"types": list(types)}:
                yield f"{where}: must be {_either(types)}, but {given} was given"
            case {"options": list(options)}:
                yield f"{where}: must be one of {_choices(options)}, not {given}" + (
                    _nearest(error.instance, options)
                )
            case {"expected_value": value}:
                yield f"{where}: must be {shown(value)}, not {given}"
            case {"name": "falseSchema"}:
                yield f"{where}: is not allowed here"
            case {"context": list(branches)}:
                yield from self._alternatives(error, branches)
            case _:
                yield f"{where}: {_rule(error)}, but {given} was given"

    def _missing(self, error: jsonschema_rs.ValidationError) -> str:
        name = error.kind.as_dict()["property"]
        wanted = self._parent(error).get("properties", {}).get(name, {})
        return f"is missing; it is required and must be {self._described(wanted)}"

    def _alternatives(
        self,
        error: jsonschema_rs.ValidationError,
        branches: Sequence[Sequence[jsonschema_rs.ValidationError]],
    ) -> Iterator[str]:
        """The complaints of the branch that fits best: the one that fails deepest."""
        where, given = place(error.instance_path), shown(error.instance)
        depth = len(error.instance_path)
        of_kind = [
            b for b in branches if b and not any(_is_rejected(e, depth) for e in b)
        ]
        tags = [[e for e in b if _is_tag(e, depth)] for b in of_kind]
        fitting = [b for b, found in zip(of_kind, tags, strict=True) if not found]
        tag_places = {place(e.instance_path) for found in tags for e in found}
        if not of_kind:
            forms = [f for f in self._at(error.schema_path) if isinstance(f, Mapping)]
            wanted = " or ".join(dict.fromkeys(map(self._described, forms)))
            yield f"{where}: must be {wanted}, but {given} was given"
        elif not fitting and len(tag_places) == 1 and all(tags):
            allowed = [v for found in tags for e in found for v in _allowed(e)]
            tag = shown(tags[0][0].instance)
            yield f"{tag_places.pop()}: must be one of {_choices(allowed)}, not {tag}"
        else:
            nearest = min(fitting or of_kind, key=len)
            inner = [message for e in nearest for message in self._explain(e)]
            if len(fitting) == 1:
                yield from inner
            else:
                yield (
                    f"{where}: fits none of its {len(branches)} forms; "
                    f"the nearest one says: {'; '.join(inner)}"
                )

    def _parent(self, error: jsonschema_rs.ValidationError) -> Schema:
        found = self._at(error.schema_path[:-1])
        return found if isinstance(found, Mapping) else {}

    def _at(self, path: Iterable[str | int]) -> Any:
        node: Any = self._schema
        for step in path:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                return {}
        return node

    def _described(self, schema: Any) -> str:
        schema = resolve(schema, self._schema.get("$defs", {}))
        if "enum" in schema:
            return f"one of {_choices(schema['enum'])}"
        if "const" in schema:
            return shown(schema["const"])
        declared = schema.get("type")
        if declared is None:
            return "an object" if "properties" in schema else "a value"
        types = [declared] if isinstance(declared, str) else list(declared)
        described = _either(types)
        if "array" in types and "items" in schema:
            inner = resolve(schema["items"], self._schema.get("$defs", {}))
            if isinstance(inner.get("type"), str):
                described += f" of {inner['type']}s"
        if isinstance(schema.get("format"), str):
            described += f" ({schema['format']})"
        return described


def unknown_name(name: str, known: Sequence[str]) -> str:
    """A sentence on a name that isn't known, with the nearest of those that are."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6) or [
        candidate
        for candidate in known
        if _letters(candidate) == _letters(name) or _letters(name) in candidate.lower()
    ]
    if near:
        return f"is not a known name; did you mean {near[0]!r}?"
    if not known:
        return "is not a known name; none are allowed here"
    return f"is not a known name; known are {_choices(list(known))}"


def _nearest(value: Any, options: Sequence[Any]) -> str:
    """A hint at the text that a text was probably meant to be, in any case."""
    if not isinstance(value, str):
        return ""
    texts = {text.lower(): text for text in options if isinstance(text, str)}
    near = difflib.get_close_matches(value.lower(), texts, n=1)
    return f"; did you mean {shown(texts[near[0]])}?" if near else ""


def shown(value: Any) -> str:
    """A value as a message shows it: JSON, shortened, and text in any case."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return text if len(text) <= 80 else f"{text[:77]}…"


def _compile(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    try:
        return _engine(schema)
    except ValueError:
        return _engine(_without_broken_patterns(schema))


def _engine(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(
            schema, validate_formats=False, retriever=_no_retrieval
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"not a usable schema: {reason}") from None


def _no_retrieval(uri: str) -> Any:
    raise LookupError(f"{uri} is outside this schema")


def _without_broken_patterns(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_broken_patterns(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Any] = {}
    for keyword, value in node.items():
        if keyword in _DATA:
            kept[keyword] = value
        elif keyword == "patternProperties" and isinstance(value, dict):
            sound = {p: s for p, s in value.items() if _is_sound(p)}
            kept[keyword] = _without_broken_patterns(sound)
        elif keyword != "pattern" or not isinstance(value, str) or _is_sound(value):
            kept[keyword] = _without_broken_patterns(value)
    return kept


def _is_sound(pattern: str) -> bool:
    try:
        _engine({"pattern": pattern})
    except ValueError:
        _LOG.warning("a pattern is not checked, it doesn't compile: %s", pattern)
        return False
    return True


def _counts(error: jsonschema_rs.ValidationError) -> bool:
    """Whether an error is a reason to refuse a call.

    A value that fits several branches of a `oneOf` is not: descriptions tell branches
    apart by formats, or not at all, and the API knows best.
    """
    branches = error.kind.as_dict().get("context", [])
    return not any(not any(map(_counts, branch)) for branch in branches)


def _is_rejected(error: jsonschema_rs.ValidationError, depth: int) -> bool:
    """Whether a branch rejects the value as such, not something inside of it."""
    rejects = {"types", "expected_value", "options"} & error.kind.as_dict().keys()
    return len(error.instance_path) == depth and bool(rejects)


def _is_tag(error: jsonschema_rs.ValidationError, depth: int) -> bool:
    """Whether a branch rejects the member that tells the branches apart."""
    return len(error.instance_path) == depth + 1 and bool(_allowed(error))


def _allowed(error: jsonschema_rs.ValidationError) -> list[Any]:
    match error.kind.as_dict():
        case {"expected_value": value}:
            return [value]
        case {"options": list(options)}:
            return options
    return []


def place(path: Iterable[str | int]) -> str:
    """Where in the arguments a value stands: `pets[0].name`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text or "arguments"


def _rule(error: jsonschema_rs.ValidationError) -> str:
    limit = error.kind.as_dict().get("limit")
    singular = limit == 1
    items, characters = ("item", "character") if singular else ("items", "characters")
    match error.kind.name:
        case "minimum":
            return f"must be {limit} or more"
        case "maximum":
            return f"must be {limit} or less"
        case "exclusiveMinimum":
            return f"must be more than {limit}"
        case "exclusiveMaximum":
            return f"must be less than {limit}"
        case "minLength":
            return f"must have {limit} {characters} or more"
        case "maxLength":
            return f"must have {limit} {characters} or fewer"
        case "minItems":
            return f"must have {limit} {items} or more"
        case "maxItems":
            return f"must have {limit} {items} or fewer"
        case "minProperties":
            return f"must have {limit} members or more"
        case "maxProperties":
            return f"must have {limit} members or fewer"
        case "multipleOf":
            return f"must be a multiple of {error.kind.value}"
        case "pattern":
            return f"must match the pattern {error.kind.value}"
        case "uniqueItems":
            return "must not have the same item twice"
        case keyword:
            return f"breaks the rule {keyword!r}"


def _either(types: Sequence[str]) -> str:
    named = [t if t == "null" else f"{_article(t)} {t}" for t in types]
    return " or ".join(named)


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _choices(options: Sequence[Any]) -> str:
    choices = ", ".join(map(shown, options[:_MAX_CHOICES]))
    more = len(options) - _MAX_CHOICES
    return f"{choices} and {more} more" if more > 0 else choices


def _letters(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
