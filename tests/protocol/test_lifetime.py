"""How a server over standard input and output ends, and what it writes until then."""

from __future__ import annotations

import json
import signal

import pytest

from .conftest import Connect
from .schemas import LEGACY, MODERN, VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("stdio-3")
async def test_an_idle_server_ends_with_its_input(pipes: Connect, version: str) -> None:
    async with pipes(version) as client:
        assert await client.end() == 0
        assert client.strange == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("stdio-3")
@pytest.mark.requirement("known-6")
async def test_a_call_in_flight_has_its_result(pipes: Connect, version: str) -> None:
    async with pipes(version) as client:
        params = {"name": "block", "arguments": {"seconds": 0.5}}
        meta = {"progressToken": 1}
        answer = client.begin(client.message("tools/call", **params, _meta=meta))
        await client.hears("notifications/progress")
        assert await client.end() == 0
        assert (await answer).result["content"][0]["text"] == "ran"


@pytest.mark.parametrize("tool", ["block", "block_thread"])
@pytest.mark.requirement("stdio-3")
@pytest.mark.requirement("known-5")
async def test_nothing_outlasts_the_input_for_long(pipes: Connect, tool: str) -> None:
    async with pipes(LEGACY[-1]) as client:
        arguments = {"seconds": 600}
        call = client.message("tools/call", name=tool, arguments=arguments)
        answer = client.begin(call)
        await client.settle()
        assert await client.end() == 0
        assert not answer.done()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("tool", ["block", "block_thread"])
@pytest.mark.requirement("stdio-4")
@pytest.mark.requirement("known-7")
async def test_a_signal_ends_it(
    pipes: Connect, number: signal.Signals, tool: str
) -> None:
    async with pipes(LEGACY[-1]) as client:
        arguments = {"seconds": 600}
        client.begin(client.message("tools/call", name=tool, arguments=arguments))
        await client.settle()
        client.process.send_signal(number)
        assert await client.process.wait() == 128 + number


@pytest.mark.parametrize("version", [LEGACY[0], MODERN])
@pytest.mark.requirement("stdio-2")
@pytest.mark.requirement("known-25")
async def test_what_is_printed_is_no_message(pipes: Connect, version: str) -> None:
    async with pipes(version) as client:
        assert (await client.call("noisy")).result["content"][0]["text"] == "done"
        await client.end()
        assert client.strange == []
        said = await client.stderr
        assert b"printed\n" in said
        assert b"written\n" in said


@pytest.mark.requirement("stdio-1", "stateless-2")
@pytest.mark.requirement("known-27")
async def test_large_messages_and_many_at_once(pipes: Connect) -> None:
    text = "x" * 200_000
    async with pipes(LEGACY[-1]) as client:
        call = {"name": "echo", "arguments": {"text": text}}
        answers = [
            client.begin(client.message("tools/call", number + 100, **call))
            for number in range(30)
        ]
        for answer in answers:
            assert (await answer).result["content"][0]["text"] == text
        assert client.strange == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("stateless-2")
@pytest.mark.requirement("known-29")
async def test_a_function_that_blocks_holds_up_no_other(
    connect: Connect, version: str
) -> None:
    async with connect(version) as client:
        arguments = {"seconds": 1}
        call = client.message("tools/call", name="block_thread", arguments=arguments)
        blocking = client.begin(call)
        await client.settle()
        assert not blocking.done()
        assert (await blocking).result["content"][0]["text"] == "ran"


@pytest.mark.requirement("json-rpc-1", "stdio-1", "stateless-2")
async def test_every_request_of_a_flood_is_answered_once(connect: Connect) -> None:
    async with connect(LEGACY[-1]) as client:
        answers = [
            client.begin(client.message("ping", f"ping-{number}"))
            for number in range(100)
        ]
        for number, answer in enumerate(answers):
            assert (await answer).message["id"] == f"ping-{number}"
        await client.settle()
        assert client.strange == []
        ids = [m["id"] for m in client.received if "id" in m]
        assert len(ids) == len({json.dumps(one) for one in ids})
