"""Connects to the databases of the URLs on standard input, as the applications do; says how.

Each line is a URL of SQLAlchemy. Each answer is a line of JSON: `encrypted`, whether the server
has the connection over TLS, or `error`.
"""

import asyncio
import json
import sys
from typing import Any

from sqlalchemy import create_engine, text  # type: ignore[import-not-found]
from sqlalchemy.ext.asyncio import create_async_engine  # type: ignore[import-not-found]

ENCRYPTED = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


async def _ask_async(url: str) -> bool:
    async with create_async_engine(url).connect() as connection:
        return bool((await connection.execute(ENCRYPTED)).scalar_one())


def _ask(url: str) -> bool:
    if "+asyncpg" in url:
        return asyncio.run(_ask_async(url))
    with create_engine(url).connect() as connection:
        return bool(connection.execute(ENCRYPTED).scalar_one())


for line in sys.stdin:
    try:
        answer: dict[str, Any] = {"encrypted": _ask(line.strip())}
    except Exception as error:  # noqa: BLE001 - drivers have exceptions of their own
        answer = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(f"{json.dumps(answer)}\n")
