"""The same requests without any server between: what httpx alone costs.

    direct.py BASE_URL KILOBYTES CALLS CONCURRENCY

Prints calls a second, and CPU milliseconds a call.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import httpx


async def main(base_url: str, kilobytes: str, calls: int, concurrency: int) -> None:
    async with httpx.AsyncClient(base_url=base_url) as client:

        async def fetch() -> None:
            response = await client.get("/items0/1", params={"limit": kilobytes})
            json.loads(response.content)

        async def several() -> None:
            for _ in range(calls // concurrency):
                await fetch()

        await fetch()
        begun, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(several() for _ in range(concurrency)))
        taken = time.perf_counter() - begun
        spent = time.process_time() - used
    print(calls / taken, spent * 1000 / calls)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
