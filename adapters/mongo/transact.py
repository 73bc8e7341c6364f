"""Transactions that retry what MongoDB says may be retried.

The rules are those of the drivers' specification (Convenient API for Transactions, "Retry Timeout is Enforced"). Motor's
``with_transaction`` commits outside its own retry, so a write conflict raised by the commit itself escapes it.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from motor.frameworks.asyncio import run_on_executor
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

T = TypeVar("T")
log = logging.getLogger(__name__)

RERUN: Final = "TransientTransactionError"
RECOMMIT: Final = "UnknownTransactionCommitResult"
FIRST_BACKOFF: Final = 0.004
LONGEST_BACKOFF: Final = 0.5
COMMIT_MS: Final = 5_000


async def transact(
    client: AsyncIOMotorClient[dict[str, Any]],
    work: Callable[[AsyncIOMotorClientSession], Awaitable[T]],
    *,
    deadline: float = 10.0,
) -> T:
    """Run ``work`` in a transaction, commit it durably on a majority, and return what it returned.

    ``work`` **reruns** after a write conflict or a lost primary: it must pass ``session`` to every operation and touch
    nothing but the database (no gateway, no socket). Whatever else it raises aborts the transaction and comes out as is.

    No new attempt begins later than ``deadline`` seconds after the call; then the driver's last error is raised. An error
    labelled ``UnknownTransactionCommitResult`` means that the commit may have happened.
    """
    retry = _Retry(deadline)
    # Motor's own ``start_session`` goes through a thread, for what only makes an object.
    async with AsyncIOMotorClientSession(client.delegate.start_session(), client) as session:
        while True:
            try:
                result = await _attempt(session, work)
                await _commit(session, retry)
                return result
            except PyMongoError as error:
                # An unknown outcome must never lead to a second run of the work.
                rerun = error.has_error_label(RERUN) and not error.has_error_label(RECOMMIT)
                if not rerun or not await retry.again(error):
                    raise


async def _attempt(
    session: AsyncIOMotorClientSession, work: Callable[[AsyncIOMotorClientSession], Awaitable[T]]
) -> T:
    session.start_transaction(
        read_concern=ReadConcern("snapshot"),
        write_concern=WriteConcern("majority"),
        read_preference=ReadPreference.PRIMARY,
        max_commit_time_ms=COMMIT_MS,
    )
    try:
        return await work(session)
    except BaseException:
        if session.delegate.in_transaction:
            await session.abort_transaction()
        raise


async def _commit(session: AsyncIOMotorClientSession, retry: "_Retry") -> None:
    while True:
        try:
            await session.commit_transaction()
            return
        except PyMongoError as error:
            if not error.has_error_label(RECOMMIT) or not await retry.again(error):
                raise


class _Retry:
    """Jittered exponential backoff up to a deadline."""

    def __init__(self, deadline: float) -> None:
        self._until = asyncio.get_running_loop().time() + deadline
        self._attempts = 0

    async def again(self, error: PyMongoError) -> bool:
        """Wait a little and say yes, or say no when the deadline would be over."""
        ceiling = min(LONGEST_BACKOFF, FIRST_BACKOFF * 1.5**self._attempts)
        pause = random.uniform(0, ceiling)
        self._attempts += 1
        if asyncio.get_running_loop().time() + pause > self._until:
            log.warning("transaction given up after %d attempts: %s", self._attempts, error)
            return False
        await asyncio.sleep(pause)
        return True


async def in_one_go(work: Callable[[], T]) -> T:
    """Run blocking calls of the driver's in one of Motor's threads.

    Motor switches threads for each call, there and back, which costs about as much as the call itself. Whoever is cancelled
    waits for the end nevertheless: calls that went on by themselves would find their transaction aborted, and write outside it.
    """
    loop = asyncio.get_running_loop()
    running: asyncio.Future[T] = run_on_executor(loop, work)  # type: ignore[no-untyped-call]
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        running.exception()
        raise
