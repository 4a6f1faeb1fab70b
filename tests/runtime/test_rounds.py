"""Several rounds: what the state carries, who may use it, and what is asked again."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
from mcpgen_runtime import Context, Field, Server, Settings, Tool, rounds, stateless
from mcpgen_runtime.made import Made
from mcpgen_runtime.messages import Request

from .asking import FORM, asking, said
from .test_dispatch import Wire, request

META = stateless.request_meta(
    "2026-07-28", {"elicitation": {"form": {}}, "roots": {}, "sampling": {}}
)
OCTOCAT = {"action": "accept", "content": {"name": "octocat"}}
HUBOT = {"action": "accept", "content": {"name": "hubot"}}


async def greet(ctx: Context) -> str:
    first = await ctx.elicit("Your name?", FORM, key="first")
    second = await ctx.elicit("And your friend's?", FORM, key="second")
    return f"{first.content} {second.content}"


class Client:
    """Sends the request `ask` round by round, over one wire."""

    def __init__(self, handler: Any) -> None:
        self.wire = Wire(asking(handler))

    async def send(self, method: str = "tools/call", **params: Any) -> Any:
        named = {"name": "ask"} if method == "tools/call" else {}
        message = {**named, "_meta": META, **params}
        return await self.wire.ask(method, message)

    async def call(self, **params: Any) -> Any:
        answer = await self.send(**params)
        assert "result" in answer, answer
        return answer["result"]


async def test_round_by_round() -> None:
    client = Client(greet)
    one = await client.call()
    assert one["resultType"] == "input_required"
    assert "ttlMs" not in one
    assert one["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "asking"
    question = one["inputRequests"]["first"]
    assert set(one["inputRequests"]) == {"first"}
    assert set(question) == {"method", "params"}
    assert question["params"]["mode"] == "form"
    two = await client.call(
        inputResponses={"first": OCTOCAT}, requestState=one["requestState"]
    )
    assert set(two["inputRequests"]) == {"second"}
    assert two["requestState"] != one["requestState"]
    three = await client.call(
        inputResponses={"second": HUBOT}, requestState=two["requestState"]
    )
    assert three["resultType"] == "complete"
    assert said(three) == "{'name': 'octocat'} {'name': 'hubot'}"


async def test_what_is_not_asked_is_ignored_and_what_is_missing_asked_again() -> None:
    client = Client(greet)
    one = await client.call()
    again = await client.call(
        inputResponses={"other": OCTOCAT, "second": HUBOT},
        requestState=one["requestState"],
    )
    assert set(again["inputRequests"]) == {"first"}
    two = await client.call(
        inputResponses={"first": OCTOCAT, "other": 7},
        requestState=again["requestState"],
    )
    assert set(two["inputRequests"]) == {"second"}


async def test_what_is_asked_together_goes_out_together() -> None:
    async def both(ctx: Context) -> Any:
        message = {"role": "user", "content": {"type": "text", "text": "Hi"}}
        return await asyncio.gather(
            ctx.sample([message], max_tokens=5, key="greeting"), ctx.roots(key="roots")
        )

    client = Client(both)
    one = await client.call()
    methods = {key: asked["method"] for key, asked in one["inputRequests"].items()}
    assert methods == {"greeting": "sampling/createMessage", "roots": "roots/list"}
    answers = {"greeting": {"role": "assistant"}, "roots": {"roots": []}}
    half = await client.call(
        inputResponses={"roots": answers["roots"]}, requestState=one["requestState"]
    )
    assert set(half["inputRequests"]) == {"greeting"}
    done = await client.call(
        inputResponses={"greeting": answers["greeting"]},
        requestState=half["requestState"],
    )
    assert said(done) == [{"role": "assistant"}, []]


async def test_a_task_group_asks_together_too() -> None:
    async def both(ctx: Context) -> Any:
        async with asyncio.TaskGroup() as group:
            group.create_task(ctx.roots(key="a"))
            group.create_task(ctx.roots(key="b"))

    one = await Client(both).call()
    assert set(one["inputRequests"]) == {"a", "b"}


async def test_a_handler_that_catches_exceptions_still_asks() -> None:
    async def careful(ctx: Context) -> Any:
        try:
            return (await ctx.elicit("Your name?", FORM)).content
        except Exception:  # noqa: BLE001
            return "never"

    client = Client(careful)
    one = await client.call()
    (key,) = one["inputRequests"]
    done = await client.call(inputResponses={key: OCTOCAT})
    assert said(done) == {"name": "octocat"}


async def test_a_question_without_a_key_is_named_by_its_text() -> None:
    async def two(ctx: Context) -> Any:
        first = await ctx.elicit("Same?", FORM)
        second = await ctx.elicit("Same?", FORM)
        return [first.content, second.content]

    client = Client(two)
    one = await client.call()
    assert set((await client.call())["inputRequests"]) == set(one["inputRequests"])
    (first,) = one["inputRequests"]
    next_one = await client.call(
        inputResponses={first: OCTOCAT}, requestState=one["requestState"]
    )
    (second,) = next_one["inputRequests"]
    done = await client.call(
        inputResponses={second: HUBOT}, requestState=next_one["requestState"]
    )
    assert said(done) == [{"name": "octocat"}, {"name": "hubot"}]


async def test_a_resource_may_ask_and_a_listing_has_no_rounds() -> None:
    client = Client(greet)
    read = await client.send("resources/read", uri="api://ask")
    assert read["result"]["resultType"] == "input_required"
    listed = await client.send("tools/list", requestState="nonsense", inputResponses=1)
    assert listed["result"]["resultType"] == "complete"


def forged(state: str) -> list[Any]:
    version, payload, signature = state.split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    content["answers"]["first"] = HUBOT
    changed = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    return [
        state + "-TAMPERED",
        f"{version}.{changed.rstrip('=')}.{signature}",
        f"v2.{payload}.{signature}",
        f"{version}.{payload}",
        f"{version}.{payload}.",
        "…",
        "..",
        "v1.é.x",
        "",
        7,
        [],
        {},
    ]


async def test_a_state_that_was_changed_is_refused() -> None:
    client = Client(greet)
    state = (await client.call())["requestState"]
    for changed in forged(state):
        answer = await client.send(
            inputResponses={"first": OCTOCAT}, requestState=changed
        )
        assert answer["error"]["code"] == -32602, changed
        assert "requestState" in answer["error"]["message"]


@pytest.mark.parametrize("answers", [7, [], "x", None])
async def test_answers_must_be_an_object(answers: Any) -> None:
    answer = await Client(greet).send(inputResponses=answers)
    assert answer["error"]["code"] == -32602


@pytest.mark.parametrize("wrong", [None, 7, {"action": "accept", "content": {}}])
async def test_an_answer_that_does_not_fit_is_refused(wrong: Any) -> None:
    answer = await Client(greet).send(inputResponses={"first": wrong})
    assert answer["error"]["code"] == -32602


async def test_a_state_is_of_one_request() -> None:
    client = Client(greet)
    state = (await client.call(arguments={"topic": "a"}))["requestState"]
    answer = await client.send(arguments={"topic": "b"}, requestState=state)
    assert "another request" in answer["error"]["message"]
    answer = await client.send("resources/read", uri="api://ask", requestState=state)
    assert "another request" in answer["error"]["message"]
    assert await client.call(arguments={"topic": "a"}, requestState=state)


@pytest.mark.requirement("rounds-5")
def test_a_state_expires() -> None:
    asked = Request(id=1, method="tools/call", params={"name": "ask"})
    made = Made()
    state = rounds.seal(b"secret", asked, rounds.Rounds({}, made), now=1000.0)
    again = Request(id=2, method="tools/call", params={**asked.params, "_meta": {}})
    again = Request(
        id=2, method="tools/call", params={**again.params, "requestState": state}
    )
    assert rounds.read(b"secret", again, 1899.0, made).questions == {}
    with pytest.raises(Exception, match="expired"):
        rounds.read(b"secret", again, 1901.0, made)
    with pytest.raises(Exception, match="not of this server"):
        rounds.read(b"another", again, 1000.0, made)


async def test_processes_share_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    state = (await Client(greet).call())["requestState"]
    answer = await Client(greet).send(requestState=state)
    assert answer["error"]["code"] == -32602
    monkeypatch.setenv("ASKING_STATE_SECRET", "shared")
    state = (await Client(greet).call())["requestState"]
    assert b"shared" not in base64.b64decode(state.split(".")[1] + "==")
    assert (await Client(greet).call(requestState=state))["inputRequests"]


async def test_kinds_that_the_client_lacks_are_never_asked() -> None:
    async def open_page(ctx: Context) -> Any:
        return (await ctx.elicit_url("Sign in", "https://shop.test")).action

    answer = await Client(open_page).send()
    assert answer["error"]["code"] == -32021
    required: dict[str, Any] = {"elicitation": {"url": {}}}
    assert answer["error"]["data"] == {"requiredCapabilities": required}


async def test_a_retry_has_an_id_of_its_own() -> None:
    client = Client(greet)
    state = (await client.call())["requestState"]
    params = {"name": "ask", "_meta": META, "requestState": state}
    client.wire.say(request("tools/call", params, "other"))
    await client.wire.connection.finish()
    await asyncio.sleep(0)
    assert client.wire.sent[-1]["id"] == "other"


def charging(sent: list[Any]) -> Server:
    """A server whose tool `ask` charges, asks, reads, charges and asks again."""

    def api(request: httpx.Request) -> httpx.Response:
        sent.append((request.method, json.loads(request.content or "null")))
        return httpx.Response(200, json={"number": len(sent)})

    server = Server(
        name="charging",
        version="1",
        settings=Settings(prefix="CHARGING", base_url="http://api"),
        transport=httpx.MockTransport(api),
    )
    amount = Field("amount", {"type": "integer"})
    server.add(
        Tool(
            name="charge",
            method="POST",
            path="/charges",
            arguments=(amount,),
            body="application/json",
        )
    )
    server.add(Tool(name="balance", method="GET", path="/balance"))

    async def ask(ctx: Context) -> str:
        numbers = [await number("charge", amount=1)]
        await ctx.elicit("A receipt?", FORM, key="receipt")
        numbers += [await number("balance"), await number("charge", amount=1)]
        await ctx.elicit("More?", FORM, key="more")
        numbers.append(await number("charge", amount=1))
        return json.dumps(numbers)

    async def number(name: str, **arguments: Any) -> int:
        result = await server.call(name, arguments)
        found = json.loads(result.content[0]["text"])
        return int(found["number"]) if not result.is_error else -1

    server.tool(ask)
    return server


async def rounds_of(wire: Wire, elsewhere: Wire | None = None) -> Any:
    """The answer to `ask`, whose questions are answered as they come."""
    given: dict[str, Any] = {}
    for turn in range(3):
        params = {"name": "ask", "_meta": META, **given}
        here = elsewhere if elsewhere and turn else wire
        answer = (await here.ask("tools/call", params))["result"]
        if answer["resultType"] == "complete":
            return answer
        given = {
            "inputResponses": dict.fromkeys(answer["inputRequests"], OCTOCAT),
            "requestState": answer["requestState"],
        }
    raise AssertionError(answer)


async def test_no_round_repeats_a_call() -> None:
    sent: list[Any] = []
    answer = await rounds_of(Wire(charging(sent)))
    assert json.loads(answer["content"][0]["text"]) == [1, 2, 3, 4]
    one = {"amount": 1}
    assert sent == [("POST", one), ("GET", None), ("POST", one), ("POST", one)]


async def test_another_process_refuses_what_it_would_repeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHARGING_STATE_SECRET", "shared")
    here: list[Any] = []
    there: list[Any] = []
    answer = await rounds_of(Wire(charging(here)), Wire(charging(there)))
    assert answer["isError"]
    assert "charge was called before the question" in answer["content"][0]["text"]
    assert (len(here), there) == (1, [])
