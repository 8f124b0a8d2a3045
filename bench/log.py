"""Appending durably against writing the same bytes and syncing them."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from api import clock
from api.log.writer import Log
from bench.measure import Row, throughput
from crypto.tlog.keys import KeyKind, NoteSigner

ENTRY = secrets.token_bytes(600)  # about the size of a decision
TOGETHER = 64

# fdatasync is what the log does; macOS has fsync alone.
sync = getattr(os, "fdatasync", os.fsync)


@contextmanager
def _both() -> Generator[tuple[Log, int]]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        raw = os.open(place / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            with Log.open(
                place / "log",
                state=place / "state",
                origin="bench.example/log",
                signers=[NoteSigner.generate("bench.example/log", kind) for kind in KeyKind],
                clock=clock.now,
            ) as log:
                yield log, raw
        finally:
            os.close(raw)


def _write(raw: int, times: int = 1) -> None:
    for _ in range(times):
        os.write(raw, ENTRY)
        sync(raw)


def one_writer() -> Row:
    """One entry after the other: framed, hashed, written, synced, acknowledged."""
    with _both() as (log, raw):
        return throughput(
            "log: one append after the other",
            lambda: log.append_now(ENTRY),
            "write and fdatasync alone",
            lambda: _write(raw),
            amount=1,
            unit="entries",
            clock="wall",
        )


def many_writers() -> Row:
    """Many at once: group commit shares one sync among those that wait."""

    async def together(log: Log) -> None:
        await asyncio.gather(*(log.append(ENTRY) for _ in range(TOGETHER)))

    with _both() as (log, raw), asyncio.Runner() as runner:
        return throughput(
            f"log: {TOGETHER} appends at once",
            lambda: runner.run(together(log)),
            "write and fdatasync alone, one by one",
            lambda: _write(raw, TOGETHER),
            amount=TOGETHER,
            unit="entries",
            clock="wall",
        )


BENCHES = (one_writer, many_writers)
