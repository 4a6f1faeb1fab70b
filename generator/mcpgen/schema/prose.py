"""Prose of a document as a model shall read it: what it says, not how a page shows it.

Texts are Markdown (CommonMark, OpenAPI 3.1, 4.5) with HTML in it. Links become their
text; images, markup, tables of contents, programs and pointers to other pages go; lists,
tables, and examples of data stay. What is too long ends with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_MARKUP = re.compile(
    r"[<>`*\[\]#|~\\&]|^\s*(?:[-+=]|\d+[.)]|:::)|__|\b_|\{%|\n", re.MULTILINE
)
"""What a text without is plain prose, which stays as it is."""
_CONTROL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
_DIRECTIVE = re.compile(r"\{?\{%.*?%\}\}?|^:::.*$", re.DOTALL | re.MULTILINE)
"""Tags of Markdoc, containers of other Markdown dialects."""
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)\b[^<>]*>|<!--.*?-->", re.DOTALL)
_HTML = frozenset(
    """a abbr address article aside b blockquote br button center cite code dd del details
    dfn div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i img
    input ins kbd li main mark nav ol p picture pre q s samp script section small source
    span strike strong style sub summary sup svg table tbody td tfoot th thead tr tt u ul
    var video wbr""".split()  # noqa: SIM905
)
"""Elements of HTML; any other `<name>` is a placeholder that the text is about."""
_SILENT = frozenset({"nav", "script", "style", "svg"})
_CODE = frozenset({"code", "kbd", "samp", "tt", "var"})
_LINES = frozenset({"br", "dd", "dt", "tr", "summary", "figcaption"})
_BLOCKS = frozenset(
    """blockquote details div dl h1 h2 h3 h4 h5 h6 hr ol p pre section table ul""".split()  # noqa: SIM905
)
_DATA = frozenset(
    {"", "csv", "graphql", "json", "json5", "jsonc", "sql", "text", "txt"}
)
"""What a block of code may hold to be an example of data; a model writes no program."""
_REQUEST = re.compile(
    r"\s*(?:\$ |curl\b|https?://|(?:GET|POST|PUT|PATCH|DELETE|HTTP)[ /])"
)
_LONGEST_EXAMPLE = 400
_CONTENTS = re.compile(r"(?:table of )?contents|toc|on this page", re.IGNORECASE)
_LINK = "\ue000"
"""Stands behind the text of a link until its sentence has been judged."""
_ELSEWHERE = re.compile(
    r"\W*(?:please |also |you can )*(?:see|read|refer to|check|visit|consult|view|try)\b"
    r"|\W*(?:to )?(?:learn|find out) (?:more|about|how)\b"
    r"|\W*for (?:(?:some|any) )?(?:more|further|additional|full|complete|general)\b"
    r"|\W*for [\w ]{3,60},? (?:please )?(?:see|read|refer to|check|consult|visit)\b"
    r"|\W*(?:more|further|additional) (?:info|information|details?)\b"
    r"|\W*(?:sign up|get started|join|follow us|contact (?:us|sales|support))\b"
    r"|\W*(?:related|reference|api|developer) (?:guide|docs|documentation)s?\b",
    re.IGNORECASE,
)
"""How a sentence begins that only sends a reader to the page which it links."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^a-z\s])|(?<=[。\uff01\uff1f])|\n")
_END = re.compile(r"[.!?](?=[\s`\"')]*(?:\s|$))|[。\uff01\uff1f]|\n")
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|incl|approx|no)\.$", re.IGNORECASE)


def prose(text: str, longest: int) -> str:
    """A text of the document, cleaned and cut to at most `longest` characters."""
    return cut(cleaned(text), longest)


def cleaned(text: str) -> str:
    """A text without markup and without what helps on a page only."""
    text = printable(text)
    if not _MARKUP.search(text):
        return " ".join(text.split())
    tokens = _MARKDOWN.parse(_DIRECTIVE.sub("", text.replace(_LINK, "")))
    return "\n\n".join(_blocks(tokens)) or _one_line(tokens)


def printable(text: str) -> str:
    """A text without what a terminal obeys: sequences that begin with ESC, and all
    control characters but newlines and tabs."""
    return _CONTROL.sub("", text).strip()


def first_line(text: str, longest: int) -> str:
    """A text as a title: one line, without the full stop, cut between words."""
    line = " ".join(cleaned(text).split())
    if line.endswith(".") and not line.endswith(".."):
        line = line[:-1]
    return line if len(line) <= longest else _cut_at_word(line, longest)


def cut(text: str, longest: int) -> str:
    """The sentences of a text that fit; where none does, the words of the first."""
    if len(text) <= longest:
        return text
    head = text[:longest]
    if head.count("```") % 2:
        head = head[: head.rfind("```")]
    ends = (
        match.end()
        for match in _END.finditer(head)
        if not _ABBREVIATED.search(head, 0, match.end())
    )
    end = max(ends, default=0)
    if end > longest // 4:
        return head[:end].rstrip().rstrip(":")
    return _cut_at_word(text, longest)


def _cut_at_word(text: str, longest: int) -> str:
    head, _, rest = text[: longest - 1].rpartition(" ")
    return (head or rest).rstrip(" ,;:-") + "…"


def _one_line(tokens: Sequence[Token]) -> str:
    """What is left of a text that was nothing but pointers: its words."""
    found = (
        _inline(token.children or ()) for token in tokens if token.type == "inline"
    )
    return " ".join(" ".join(found).replace(_LINK, "").split())


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    """The blocks of a text; a heading comes only with what stands below it."""
    heading, contents = "", False
    for block in _top_level(tokens):
        if block[0].type == "heading_open":
            heading = _text(block[1]).rstrip(":")
            contents = bool(_CONTENTS.fullmatch(heading))
            continue
        text = _block(block)
        if not text or contents:
            continue
        if heading:
            yield f"{heading}:\n{text}"
        else:
            yield text
        heading = ""


def _top_level(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    depth = start = 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : index + 1]
            start = index + 1


def _block(tokens: Sequence[Token]) -> str:
    first = tokens[0]
    if first.type in ("fence", "code_block"):
        return _example(first)
    if first.type == "html_block":
        return _html_text(first.content)
    if first.type == "table_open":
        return "\n".join(_rows(tokens))
    if first.type in ("bullet_list_open", "ordered_list_open"):
        return "\n".join(_items(tokens))
    inside = tokens[1:-1]
    if len(inside) == 1 and inside[0].type == "inline":
        return _text(inside[0])
    return "\n".join(filter(None, map(_block, _top_level(inside))))


def _items(tokens: Sequence[Token]) -> Iterator[str]:
    number = int(tokens[0].attrs.get("start", 1))
    for item in _top_level(tokens[1:-1]):
        text = "\n".join(filter(None, map(_block, _top_level(item[1:-1]))))
        if text:
            sign = f"{number}." if tokens[0].type == "ordered_list_open" else "-"
            yield f"{sign} {text}".replace("\n", "\n  ")
        number += 1


def _rows(tokens: Sequence[Token]) -> Iterator[str]:
    cells: list[str] = []
    for token in tokens:
        if token.type == "inline":
            cells.append(_text(token))
        elif token.type == "tr_close":
            yield " | ".join(cells)
            cells = []


def _example(token: Token) -> str:
    language = token.info.strip().partition(" ")[0].lower()
    code = token.content.strip()
    if (
        language not in _DATA
        or not code
        or len(code) > _LONGEST_EXAMPLE
        or _REQUEST.match(code)
    ):
        return ""
    return f"```\n{code}\n```"


def _text(token: Token) -> str:
    """The text of an inline token, without the sentences that lead elsewhere."""
    text = _inline(token.children or ())
    if _LINK in text:
        kept = [
            sentence
            for sentence in _SENTENCE.split(text)
            if not (_LINK in sentence and _ELSEWHERE.match(sentence))
        ]
        text = " ".join(kept).replace(_LINK, "")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(filter(None, lines))


def _inline(tokens: Sequence[Token]) -> str:
    return "".join(map(_piece, tokens))


def _piece(token: Token) -> str:
    match token.type:
        case "text" | "text_special" | "entity":
            return token.content
        case "code_inline":
            return f"`{token.content}`"
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "link_close":
            return _LINK
        case "html_inline":
            return _tag(token.content)
    return ""


def _tag(tag: str) -> str:
    """A tag within a line: what it means in plain text."""
    match = _TAG.fullmatch(tag)
    name = (match[1] or "p").lower() if match else ""
    if name in _CODE:
        return "`"
    if name in _LINES:
        return "\n"
    if name == "li":
        return "" if tag.startswith("</") else "\n- "
    if name == "a":
        return _LINK if tag.startswith("</") else ""
    return (" " if name in _BLOCKS else "") if name in _HTML else tag


def _html_text(html: str) -> str:
    """The text of a block of HTML."""
    reader = _HtmlReader()
    reader.feed(_TAG.sub(_escaped_unless_html, html))
    reader.close()
    blocks = re.split(r"\n\s*\n", "".join(reader.pieces))
    texts = (_judged(block) for block in blocks)
    return "\n\n".join(filter(None, texts))


def _escaped_unless_html(tag: re.Match[str]) -> str:
    if tag[1] is None or tag[1].lower() in _HTML:
        return tag[0]
    return f"&lt;{tag[0][1:-1]}&gt;"


def _judged(block: str) -> str:
    lines = (
        _text(Token("inline", "", 0, children=[Token("text", "", 0, content=line)]))
        for line in block.split("\n")
    )
    return "\n".join(filter(None, lines))


class _HtmlReader(HTMLParser):
    """Gathers the text of HTML; elements become what they are in plain text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in _SILENT
        self._add(tag, opening=True)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        self._add(tag, opening=False)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(re.sub(r"\s+", " ", data))

    def _add(self, tag: str, *, opening: bool) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n\n")
        elif tag in _CODE:
            self.pieces.append("`")
        elif tag in _LINES and opening:
            self.pieces.append("\n")
        elif tag == "li" and opening:
            self.pieces.append("\n- ")
        elif tag in ("td", "th") and not opening:
            self.pieces.append(" ")
        elif tag == "a" and not opening:
            self.pieces.append(_LINK)
