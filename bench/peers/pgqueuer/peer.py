"""pgqueuer as a peer of the queue benchmark: `setup` or `work`, in the words of examples/bench_queue/child.rs.

Tuned by its documentation: asyncpg as the driver, uvloop as the event loop, a large batch. The batch is also the size
of the buffer of its completions. Its tables are logged ones ("durable"), its default.
"""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver

BATCH = 500


def tell(*words):
    print(*words, flush=True)


async def setup(url):
    sql = subprocess.run([sys.executable, "-m", "pgqueuer", "sql", "install"], check=True, capture_output=True, text=True)
    connection = await asyncpg.connect(url)
    await connection.execute(sql.stdout)
    await connection.close()


async def work(url, expect, log):
    connection = await asyncpg.connect(url)
    queue = PgQueuer(AsyncpgDriver(connection))
    done = 0

    @queue.entrypoint("bench")
    async def bench(job):
        nonlocal done
        if log:
            now = time.time_ns()
            tell("job", json.loads(job.payload)["n"], now)
        done += 1
        if done == expect:
            tell("all", time.time_ns())

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, queue.shutdown.set)
    tell("ready", time.time_ns())
    await queue.run(batch_size=BATCH)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["setup", "work"])
    parser.add_argument("--url", required=True)
    parser.add_argument("--expect", type=int, default=0)
    parser.add_argument("--log", action="store_true")
    asked = parser.parse_args()
    assert urlsplit(asked.url).scheme in ("postgres", "postgresql")
    if asked.verb == "setup":
        asyncio.run(setup(asked.url))
    else:
        uvloop.run(work(asked.url, asked.expect, asked.log))


main()
