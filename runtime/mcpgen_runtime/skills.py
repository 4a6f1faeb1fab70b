"""Skills: folders of instructions and files that clients load when they need them.

A skill is read whole when it is added, so that what clients read is what its digests
were made of, and no name that a client sends becomes a path. Its SKILL.md is listed as
a resource, its other files are read through a template, and the methods of the
extension say what there is (io.modelcontextprotocol/skills, SEP-2640).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from mimetypes import MimeTypes
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote, unquote

from .components import Schema
from .errors import CompositionError, NotFoundError, invalid_params, shortened
from .functions import author
from .functions.function import FunctionResource
from .functions.values import File
from .messages import Request, dumps
from .pagination import page
from .protocol import listing
from .uri import normalize

_MANIFEST: Final = "SKILL.md"
_DIRECTORY: Final = "inode/directory"
_MOST_FILES: Final = 512
_MOST_BYTES: Final = 16 * 1024 * 1024
_LONGEST_DESCRIPTION: Final = 1024
_NAME: Final = re.compile(r"(?!.*--)[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_FRONTMATTER: Final = re.compile(
    r"\ufeff?---\r?\n(.*?\r?\n)?---[ \t]*(\r?\n|\Z)", re.DOTALL
)
_CORE_SCHEMA: Final = (
    ("null", r"~|null|Null|NULL|"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    ("int", r"[-+]?[0-9]+"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
)
"""What isn't text in YAML, as its version 1.2 has it: a date is text, and so is `no`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillFile:
    """What a file holds; text where its bytes are UTF-8."""

    content: str | bytes
    size: int
    digest: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """One skill; `files` are its files by their path in the folder, SKILL.md first."""

    name: str
    frontmatter: Mapping[str, Any]
    files: Mapping[str, SkillFile]

    @property
    def root(self) -> str:
        return f"skill://{self.name}"

    @property
    def uri(self) -> str:
        """The URI that the skill is known by, that of its SKILL.md."""
        return self.uri_of(_MANIFEST)

    def uri_of(self, path: str) -> str:
        return f"{self.root}/{quote(path)}"

    def entry(self) -> dict[str, Any]:
        """What a listing says of it, digests and all."""
        resources = [
            {"uri": self.uri_of(path), "digest": file.digest, "size": file.size}
            for path, file in self.files.items()
        ]
        return {
            "uri": self.uri,
            "frontmatter": self.frontmatter,
            "resources": resources,
        }

    def components(self) -> Iterator[FunctionResource]:
        """The resources that its files are read as."""

        async def manifest() -> File:
            return self._file(_MANIFEST)

        yield self._resource(
            manifest, self.uri, self.name, self.frontmatter["description"]
        )
        others = [path for path in self.files if path != _MANIFEST]
        if not others:
            return

        async def file(path: str) -> File:
            if path not in others:
                raise NotFoundError(f"the skill {self.name} has no such file")
            return self._file(path)

        examples: Schema = {"examples": others}
        file.__annotations__["path"] = Annotated[str, examples]
        name = f"{self.name[:58]}-files"
        yield self._resource(
            file, f"{self.root}/{{+path}}", name, f"The files of the skill {self.name}."
        )

    def children(self, directory: str) -> list[dict[str, Any]]:
        """The resources right below a folder, itself without a final slash."""
        start = f"{directory}/" if directory else ""
        found: dict[str, dict[str, Any]] = {}
        for path, file in self.files.items():
            if not path.startswith(start):
                continue
            name, below, _ = path.removeprefix(start).partition("/")
            uri = self.uri_of(start + name)
            if below:
                found[name] = {"uri": uri, "name": name, "mimeType": _DIRECTORY}
                continue
            found[name] = {"uri": uri, "name": name, "mimeType": file.media_type}
            found[name]["size"] = file.size
            if path == _MANIFEST:
                found[name]["name"] = self.name
                found[name]["description"] = self.frontmatter["description"]
        return list(found.values())

    def _resource(
        self, function: Any, uri: str, name: str, description: str
    ) -> FunctionResource:
        return author.resource(
            function,
            uri=uri,
            name=name,
            title=None,
            description=description,
            mime_type="text/markdown" if uri == self.uri else None,
            annotations=None,
            icons=(),
            size=self.files[_MANIFEST].size if uri == self.uri else None,
        )

    def _file(self, path: str) -> File:
        file = self.files[path]
        return File(self.uri_of(path), file.content, file.media_type)


def read_skill(folder: Path) -> Skill:
    """The skill in a folder; hidden files and `__pycache__` are no part of it.

    Raises CompositionError for what clients need not take: another name than that of
    the folder, links, more than 512 files or 16 MiB.
    """
    folder = folder.absolute()
    if not (folder / _MANIFEST).is_file():
        raise CompositionError(f"{folder} is no skill: it has no {_MANIFEST}")
    try:
        paths = [_MANIFEST, *(p for p in _walk(folder) if p != _MANIFEST)]
        size = sum((folder / path).stat().st_size for path in paths)
        if len(paths) > _MOST_FILES or size > _MOST_BYTES:
            raise CompositionError(
                f"{folder} has {len(paths)} files of {size} bytes: a skill has at most "
                f"{_MOST_FILES}, of {_MOST_BYTES} bytes together"
            )
        types = MimeTypes()  # its own tables: those of the machine are not asked
        types.add_type("text/markdown", ".md")
        files = {path: _file(folder / path, types) for path in paths}
    except OSError as error:
        raise CompositionError(f"{error.filename}: {error.strerror}") from None
    try:
        frontmatter = _frontmatter(files[_MANIFEST].content)
        name = _checked(frontmatter, folder.name)
    except ValueError as problem:
        raise CompositionError(f"{folder / _MANIFEST}: {problem}") from None
    return Skill(name=name, frontmatter=frontmatter, files=files)


def answer(skills: Sequence[Skill], request: Request, page_size: int | None) -> bytes:
    """The result of one of the methods; raises RequestError."""
    if request.method == "skills/list":
        keys = [skill.uri for skill in skills]
        cursor = request.params.get("cursor")
        some, following = page(skills, keys, cursor, page_size)
        return listing("skills", (dumps(skill.entry()) for skill in some), following)
    uri = request.params.get("uri")
    if not isinstance(uri, str):
        raise invalid_params("Invalid params: uri must be a string")
    normal = normalize(uri)
    if request.method == "skills/get":
        for skill in skills:
            if skill.uri == normal:
                return dumps({"skill": skill.entry()})
        raise invalid_params(f"No skill is served at {shortened(uri)}", {"uri": uri})
    for skill in skills:
        if normal == skill.root or normal.startswith(f"{skill.root}/"):
            path = unquote(normal.removeprefix(skill.root).removeprefix("/"))
            children = skill.children(path)
            if not children:
                break
            keys = [child["uri"] for child in children]
            cursor = request.params.get("cursor")
            some_children, following = page(children, keys, cursor, page_size)
            return listing("resources", map(dumps, some_children), following)
    raise invalid_params(f"{shortened(uri)} is not a folder", {"uri": uri})


def _walk(folder: Path) -> Iterator[str]:
    """The paths of all files, in their order.

    Raises CompositionError for what isn't a file, and for a link that leads elsewhere.
    """
    root = folder.resolve()
    for parent, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(filter(_belongs, folders))
        linked = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted(filter(_belongs, (*names, *linked))):
            path = Path(parent, name)
            if not path.is_file() or not path.resolve().is_relative_to(root):
                raise CompositionError(
                    f"{path} is no file of this folder: put it there"
                )
            if not name.isprintable():
                raise CompositionError(f"{str(path)!r}: rename it, to what can be read")
            yield path.relative_to(folder).as_posix()


def _belongs(name: str) -> bool:
    return not name.startswith(".") and name != "__pycache__"


def _raise(error: OSError) -> None:
    raise error


def _file(path: Path, types: MimeTypes) -> SkillFile:
    data = path.read_bytes()
    named, _ = types.guess_type(path.name)
    content: str | bytes = data
    with suppress(UnicodeDecodeError):
        content = data.decode()
    usual = "text/plain" if isinstance(content, str) else "application/octet-stream"
    return SkillFile(
        content=content,
        size=len(data),
        digest=f"sha256:{sha256(data).hexdigest()}",
        media_type=named or usual,
    )


def _frontmatter(manifest: str | bytes) -> dict[str, Any]:
    """The YAML at the start of a SKILL.md; raises ValueError for what it can't be."""
    found = _FRONTMATTER.match(manifest) if isinstance(manifest, str) else None
    if found is None:
        raise ValueError(
            "it must be text in UTF-8 and begin with frontmatter, lines of YAML "
            "between `---`"
        )
    try:
        yaml: Any = import_module("yaml")
    except ModuleNotFoundError:
        raise CompositionError(
            "skills need PyYAML, for their frontmatter: add 'pyyaml>=6.0.2,<7' to the "
            "dependencies in pyproject.toml, and install it"
        ) from None
    loader: Any = type("Core", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})
    for kind, pattern in _CORE_SCHEMA:
        tag = f"tag:yaml.org,2002:{kind}"
        loader.add_implicit_resolver(tag, re.compile(f"(?:{pattern})$"), None)
    for kind, convert in (("int", int), ("float", float)):
        loader.add_constructor(
            f"tag:yaml.org,2002:{kind}",
            lambda self, node, convert=convert: convert(self.construct_scalar(node)),
        )
    try:
        value = yaml.load(found[1] or "", Loader=loader)
        dumps(value)
    except (yaml.YAMLError, ValueError, TypeError) as problem:
        said = " ".join(str(problem).split())
        raise ValueError(f"its frontmatter can't be read: {said}") from None
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError("its frontmatter must have `name: …` and `description: …`")
    return value


def _checked(frontmatter: Mapping[str, Any], folder: str) -> str:
    """The name, where name and description are as clients need them."""
    name, description = frontmatter.get("name"), frontmatter.get("description")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"the name {name!r} is not allowed: take 1 to 64 lower-case letters, "
            "digits and single hyphens between them"
        )
    if name != folder:
        raise ValueError(f"the skill {name!r} is in the folder {folder!r}: rename one")
    if not isinstance(description, str) or not description.strip():
        raise ValueError("its frontmatter needs a description, a text")
    if len(description) > _LONGEST_DESCRIPTION:
        raise ValueError(f"its description has over {_LONGEST_DESCRIPTION} characters")
    return name
