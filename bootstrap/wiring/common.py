"""What server and worker have in common: clients, clock, stores, gateway, call house."""

import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.mongo.client import database_of, open_client
from adapters.mongo.indexes import ensure_indexes, retire_indexes
from adapters.mongo.processes import clock_origin
from adapters.payments.stripe import StripeGateway, StripeSettings
from adapters.redis.bus import RedisBus
from adapters.redis.client import connect
from adapters.redis.publisher import BusPublisher
from billing.payment_methods import PaymentMethods
from bootstrap.settings import Settings, read_call_terms
from bootstrap.wiring.booking import BookingHouse, build_booking
from bootstrap.wiring.calls import CallHouse, build_calls
from bootstrap.wiring.rest import build_payment_methods
from bootstrap.wiring.stores import INDEXES, RETIRED, Stores, open_stores
from domain.calls.terms import CallTerms
from domain.clock import ClockOrigin, SystemClock
from signaling.ice import IceServers


class ShiftedClock(ValueError):
    """Domain time of this database is not real time, and Stripe itself would be asked."""


class MissingSetting(Exception):
    """A process was started without something it cannot do without."""


@dataclass(frozen=True)
class Common:
    """One process below its doors."""

    process: str
    settings: Settings
    terms: CallTerms
    clock: SystemClock
    stores: Stores
    bus: RedisBus
    publisher: BusPublisher
    gateway: StripeGateway
    calls: CallHouse
    booking: BookingHouse
    payment_methods: PaymentMethods


@asynccontextmanager
async def open_common(settings: Settings, kind: str) -> AsyncIterator[Common]:
    """Open everything; closed in reverse order at the end.

    Raises:
        MissingSetting: a URI or a secret is not set.
        ShiftedClock: the database was used with a fast clock, and now with Stripe itself.
    """
    mongodb_uri = _needed(settings.mongodb_uri, "MONGODB_URI")
    redis_url = _needed(settings.redis_url, "REDIS_URL")
    process = f"{kind}-{socket.gethostname()}-{secrets.token_hex(4)}"
    async with AsyncExitStack() as stack:
        client = open_client(mongodb_uri)
        stack.callback(client.close)
        db = database_of(client)
        clock = SystemClock(await clock_origin(db, settings.clock_speed))
        refuse_shifted_clock(settings, clock.origin)
        await retire_indexes(db, RETIRED)
        await ensure_indexes(db, INDEXES)
        redis = connect(redis_url)
        stack.push_async_callback(redis.aclose)
        bus = RedisBus(redis)
        publisher = BusPublisher(bus, clock)
        stores = open_stores(client, clock, publisher, process)
        stack.push_async_callback(stores.transact.close)
        stack.push_async_callback(stores.together.close)
        terms = read_call_terms()
        gateway = open_gateway(settings, terms)
        stack.push_async_callback(gateway.close)
        calls = build_calls(
            stores=stores,
            clock=clock,
            terms=terms,
            process=process,
            gateway=gateway,
            publisher=publisher,
            ice=IceServers(clock, settings.turn_urls, settings.secret("turn_secret")),
            console_url=settings.console_url,
        )
        cards = build_payment_methods(stores, gateway, clock)
        booking = build_booking(
            stores=stores, calls=calls, clock=clock, terms=terms, process=process, gateway=gateway
        )
        yield Common(process, settings, terms, clock, stores, bus, publisher, gateway, calls, booking, cards)


def refuse_shifted_clock(settings: Settings, origin: ClockOrigin) -> None:
    """Stripe says in real time until when a hold lasts; we compare that with domain time, so both must be the same.

    Raises:
        ShiftedClock: they are not, by what is stored in the database.
    """
    if settings.real_stripe and (origin.speed != 1.0 or origin.domain != origin.wall):
        raise ShiftedClock(
            "This database was used with a fast clock, so its time is not Stripe's. "
            "Use another database, or the sandbox (no STRIPE_SECRET_KEY)."
        )


def open_gateway(settings: Settings, terms: CallTerms) -> StripeGateway:
    """Stripe, or the sandbox at ``STRIPE_ADDRESS``: the same code."""
    return StripeGateway(
        StripeSettings(
            secret_key=_needed(settings.secret("stripe_secret_key"), "STRIPE_SECRET_KEY"),
            webhook_secret=_needed(settings.secret("stripe_webhook_secret"), "STRIPE_WEBHOOK_SECRET"),
            address=settings.stripe_address,
            timeout=terms.gateway_timeout,
        )
    )


_TOLD = "`rapport up` starts everything on this machine; `rapport serve` and `rapport work` need to be told where things are."
_WHY = {
    "STRIPE_WEBHOOK_SECRET": "A Stripe key needs its webhook secret beside it: nothing unsigned is believed."
}


def _needed(value: str | None, name: str) -> str:
    if not value:
        raise MissingSetting(f"{name} is not set. {_WHY.get(name, _TOLD)}")
    return value
