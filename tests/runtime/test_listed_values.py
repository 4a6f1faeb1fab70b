"""Completions from what the API lists: the values, how they are kept, what fails."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from mcpgen_runtime import Path, Query, Resource, Server, listed_values
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.errors import CompositionError

from .shop import SETTINGS

OWNERS = {"data": {"total": 3, "owners": [{"login": "ada"}, {"login": "bob"}, {}]}}
REPOSITORIES = [{"id": 1}, {"id": 12}, {"id": 3}, {"id": True}, {"id": None}]
ITEM = "api://shop/{owner}/{repository}{?word}"


class Api:
    """Answers by path, and keeps the targets of the requests."""

    def __init__(self) -> None:
        self.targets: list[str] = []
        self.answers: dict[str, Any] = {
            "/owners": OWNERS,
            "/ada/repositories": REPOSITORIES,
            "/words": ["tea", "tray"],
        }

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.targets.append(request.url.raw_path.decode())
        answer = self.answers.get(request.url.path)
        if answer is None:
            return httpx.Response(500, text="out of order")
        if isinstance(answer, str):
            return httpx.Response(200, text=answer)
        return httpx.Response(200, json=answer)


def listing(name: str, path: str, *arguments: Any) -> Resource:
    return Resource(
        name=name,
        method="GET",
        path=path,
        uri=f"api://shop{path}" + ("{?q}" if name == "words" else ""),
        arguments=arguments,
    )


def serving(api: Api) -> Server:
    transport = httpx.MockTransport(api)
    server = Server(name="c", version="1", settings=SETTINGS, transport=transport)
    text = {"type": "string"}
    server.add(listing("owners", "/owners"))
    server.add(listing("repositories", "/{owner}/repositories", Path("owner", text)))
    server.add(listing("words", "/words", Query("q", text)))
    server.add(
        Resource(
            name="repository",
            method="GET",
            path="/{owner}/{repository}",
            uri=ITEM,
            arguments=(
                Path("owner", text),
                Path("repository", {"type": "integer"}),
                Query("word", text),
            ),
        )
    )
    server.complete_from("repository", "owner", "owners", "login")
    server.complete_from("repository", "repository", "repositories", "id")
    server.complete_from("repository", "word", "words", "", search="q")
    return server


async def values(client: Client, name: str, typed: str = "", **known: str) -> list[str]:
    params = {
        "ref": {"type": "ref/resource", "uri": ITEM},
        "argument": {"name": name, "value": typed},
        "context": {"arguments": known},
    }
    result = await client.request("completion/complete", params)
    found: list[str] = result["completion"]["values"]
    return found


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_values_are_those_that_the_api_lists(version: str) -> None:
    api = Api()
    async with connect(serving(api), version) as client:
        assert await values(client, "owner") == ["ada", "bob"]
        assert await values(client, "owner", "B") == ["bob"]
        found = await values(client, "repository", "1", owner="ada", more="x")
        assert found == ["1", "12"]
        assert await values(client, "word", "te") == ["tea", "tray"]
    assert api.targets == ["/owners", "/ada/repositories", "/words?q=te"]


async def test_they_are_kept_for_a_short_while(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()
    async with connect(serving(api)) as client:
        monkeypatch.setattr(listed_values, "_KEPT", -1)
        await values(client, "owner")
        api.answers["/owners"] = []
        assert await values(client, "owner") == []
        monkeypatch.undo()
        monkeypatch.setattr(listed_values, "_LISTS", 1)
        for typed in ("a", "a", "b", "a"):
            await values(client, "word", typed)
    assert api.targets[2:] == ["/words?q=a", "/words?q=b", "/words?q=a"]


@pytest.mark.parametrize("answer", [None, "no JSON", "{}", '{"a": 1}', "[[1]]"])
async def test_what_fails_is_an_empty_list(answer: Any) -> None:
    api = Api()
    api.answers["/owners"] = answer
    async with connect(serving(api)) as client:
        assert await values(client, "owner") == []
        assert await values(client, "owner") == []
        assert await values(client, "repository", owner="unknown") == []
        assert await values(client, "repository") == []
    assert api.targets == ["/owners", "/unknown/repositories"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("repository", "owner", "ownres", "login"), "did you mean 'owners'"),
        (("repository", "ownr", "owners", "login"), "did you mean 'owner'"),
        (("repo", "owner", "owners", "login"), "nothing named 'repo'"),
    ],
)
def test_names_that_there_are_not(arguments: Any, sentence: str) -> None:
    server = serving(Api())
    with pytest.raises(CompositionError, match=sentence) as raised:
        server.complete_from(*arguments)
    assert str(raised.value).startswith(__file__)


def test_a_search_that_there_is_not() -> None:
    with pytest.raises(CompositionError, match="'words' has no argument 'query'"):
        serving(Api()).complete_from("repository", "word", "words", "", search="query")
