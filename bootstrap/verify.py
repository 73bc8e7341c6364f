"""``rapport verify``: letting somebody pay, or go online, whom an operator knows."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from adapters.mongo.client import database_of
from adapters.mongo.processes import clock_origin
from bootstrap.operator import operators_client
from bootstrap.settings import Settings
from bootstrap.wiring.stores import open_stores
from domain.accounts.verification import Verification
from domain.clock import SystemClock
from domain.errors import NotFound, Unavailable
from domain.outbox import OutboxRow


class _Nobody:
    """Publishes nothing: a verification has no event, and a worker sweeps whatever is left in the outbox."""

    async def publish_rows(self, rows: Sequence[OutboxRow]) -> None:
        raise Unavailable("An operator's command has no bus.")


async def verify(settings: Settings, email: str, say: Callable[[str], None]) -> None:
    """Mark the e-mail address verified and, for a coach, the coach's profile; again changes nothing.

    Raises:
        ValueError: no MONGODB_URI, or no account with this address.
    """
    async with operators_verification(settings) as verification:
        try:
            done = await verification(email)
        except NotFound as error:
            raise ValueError(error.message) from None
    say(f"{done.account.email} is verified" + (", and so is the coach's profile." if done.coach else "."))


@asynccontextmanager
async def operators_verification(settings: Settings) -> AsyncIterator[Verification]:
    """The use case, on the database that an operator means.

    Raises:
        ValueError: no MONGODB_URI.
    """
    async with operators_client(settings) as client:
        clock = SystemClock(await clock_origin(database_of(client), None))
        stores = open_stores(client, clock, _Nobody())
        try:
            yield Verification(stores.transact, stores.accounts, stores.coaches)
        finally:
            await stores.transact.close()
