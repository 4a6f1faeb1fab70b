"""What a page shows becomes what a model reads: a table of texts, and of cuts."""

from __future__ import annotations

import pytest
from mcpgen.schema.prose import cleaned, cut, first_line

PAGE = """\
# Contents
- [Orders](#orders)

# Orders
Places an **order**. ![a cart](cart.png)

## Example
```bash
curl -X POST https://shop.example/orders
```
### Filters
```json
{"state": "open"}
```
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Gets  a pet. ", "Gets a pet."),
        ("One line\ngoes on.", "One line goes on."),
        ("a < b && c > d, snake_case_name", "a < b && c > d, snake_case_name"),
        ("Put <id> into List<string>", "Put <id> into List<string>"),
        ("Use `<b>` here<br/>and there", "Use `<b>` here\nand there"),
        ("<p>Gets a <code>pet</code>.</p>\n<p>Twice.</p>", "Gets a `pet`.\n\nTwice."),
        ("<ul><li>one</li><li>a &lt;b&gt;</li></ul>", "- one\n- a <b>"),
        ("<div>Needs <token>.</div>", "Needs <token>."),
        ("<style>p {}</style>Plain &amp; simple", "Plain & simple"),
        ("<!-- for editors -->Shown", "Shown"),
        ("The [state](http://docs.example/state) of it.", "The state of it."),
        ("Gets it. See the [guide](http://x.example) for more.", "Gets it."),
        ("Gets it. See `state` for more.", "Gets it. See `state` for more."),
        ("See the [guide](http://x.example).", "See the guide."),
        ("![logo](logo.png) The shop", "The shop"),
        ("{% note type='x' %}Slow.{% /note %}", "Slow."),
        ("* a\n* b\n  1. c", "- a\n- b\n  1. c"),
        ("| a | b   |\n|---|-----|\n| 1 | `2` |", "a | b\n1 | `2`"),
        (PAGE, 'Orders:\nPlaces an order.\n\nFilters:\n```\n{"state": "open"}\n```'),
        ("", ""),
    ],
)
def test_a_text_is_cleaned(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("It fits.", 8, "It fits."),
        ("One is here. Two is not here.", 20, "One is here."),
        ("Version 1.2 is one. Two is not.", 22, "Version 1.2 is one."),
        ("One, e.g. two, is a sentence. Three.", 33, "One, e.g. two, is a sentence."),
        ("これは文です。これは長い文です。", 10, "これは文です。"),
        ("A sentence without an end in sight", 20, "A sentence without…"),
        ("Unbreakable" * 3, 12, "Unbreakable…"),
        ("See this:\n```\nlong example\n```\nEnd.", 20, "See this"),
    ],
)
def test_a_text_is_cut_where_a_sentence_ends(
    text: str, longest: int, expected: str
) -> None:
    assert cut(text, longest) == expected
    assert len(cut(text, longest)) <= longest


def test_a_title_is_one_line_without_a_full_stop() -> None:
    assert first_line("Lists\n`pets`.", 80) == "Lists `pets`"
    assert first_line("and so on...", 80) == "and so on..."
    assert len(first_line("word " * 40, 80)) <= 80
