"""Accounts and the HTTP door, wired to stores, gateway and clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import orjson
from prometheus_client import CollectorRegistry

from adapters.mongo.idempotency import MongoIdempotency
from adapters.passwords import BcryptHasher
from adapters.tokens import HmacRefreshTokens, JwtAccessTokens
from billing.earnings import Earnings as EarningsOfCoaches
from billing.payment_methods import CardPorts, PaymentMethods
from bootstrap.wiring.availability import build_availability
from bootstrap.wiring.booking import BookingHouse
from bootstrap.wiring.calls import CallHouse
from bootstrap.wiring.mail import build_links
from bootstrap.wiring.offers import build_offers
from bootstrap.wiring.operations import OperationsHouse
from bootstrap.wiring.people import build_people
from bootstrap.wiring.stores import Stores
from domain.accounts.address_proof import AddressProof
from domain.accounts.blocks import Blocks
from domain.accounts.ports import AccessTokens, RevocationFeed
from domain.accounts.profiles import Profiles
from domain.accounts.registration import Registration
from domain.accounts.reset import PasswordReset, ResetPorts
from domain.accounts.revocations import RevokedTokens
from domain.accounts.sessions import Login, SessionPorts, TokenFamilies
from domain.accounts.suspension import Suspension, SuspensionPorts
from domain.clock import Clock
from domain.payments.gateway import PaymentGateway
from rest.dispatch import DispatchPorts
from rest.door import RestDoor
from rest.endpoints.about import About
from rest.endpoints.admin import Admin
from rest.endpoints.auth import Auth
from rest.endpoints.availability import AvailabilityOfCoaches
from rest.endpoints.booking_moves import BookingMoves
from rest.endpoints.bookings import Bookings
from rest.endpoints.calendar_feed import CalendarFeed
from rest.endpoints.calls import LiveSessions
from rest.endpoints.checkout import Checkout
from rest.endpoints.coaches import Coaches
from rest.endpoints.connections import Connections
from rest.endpoints.discounts import DiscountCodesOfCoaches
from rest.endpoints.earnings import Earnings
from rest.endpoints.groups import GroupSessions
from rest.endpoints.notifications import Notifications
from rest.endpoints.open_calendars import CalendarsOfCoaches
from rest.endpoints.payments import Payments
from rest.endpoints.prices import PricesOfCoaches
from rest.endpoints.schedule import SchedulesOfCoaches
from rest.endpoints.session_types import SessionTypesOfCoaches
from rest.endpoints.sessions import ScheduledSessions
from rest.endpoints.system import Documents, System
from rest.endpoints.users import Users
from rest.limits import Limiter
from rest.metrics import RestMetrics, WebhookMetrics
from rest.openapi import openapi_document
from rest.pages import Pages
from rest.ports import Readiness
from rest.settings import RestSettings
from rest.web_files import WebFiles


@dataclass(frozen=True)
class AccountHouse:
    """Everything about people that needs no call."""

    access: AccessTokens
    registration: Registration
    proof: AddressProof
    reset: PasswordReset
    login: Login
    families: TokenFamilies
    profiles: Profiles
    blocks: Blocks
    suspension: Suspension
    payment_methods: PaymentMethods


def build_accounts(
    *,
    stores: Stores,
    calls: CallHouse,
    clock: Clock,
    gateway: PaymentGateway,
    secret: bytes,
    passwords: BcryptHasher,
    revoked: RevokedTokens,
    feed: RevocationFeed,
    refused_domains: frozenset[str],
) -> AccountHouse:
    """One per process. ``revoked`` is this process's list, which the sockets check too; nobody with an address of
    ``refused_domains`` can log in.
    """
    s, access = stores, JwtAccessTokens(secret, revoked)
    sessions = SessionPorts(
        transact=s.transact,
        accounts=s.accounts,
        coaches=s.coaches,
        families=s.families,
        revocations=s.revocations,
        feed=feed,
        access=access,
        refresh=HmacRefreshTokens(secret),
        clock=clock,
        refused_domains=refused_domains,
    )
    suspension = SuspensionPorts(
        transact=s.transact,
        accounts=s.accounts,
        coaches=s.coaches,
        families=s.families,
        revocations=s.revocations,
        feed=feed,
        clock=clock,
        after=(calls.endings, calls.sessions.endings),
    )
    links = build_links(s, clock, secret, refused_domains)
    return AccountHouse(
        access=access,
        registration=Registration(s.transact, s.accounts, s.coaches, passwords, clock, links.outbox),
        proof=AddressProof(links),
        reset=PasswordReset(ResetPorts(links, s.families, s.revocations, feed, s.attempts, passwords)),
        login=Login(sessions, s.attempts, passwords),
        families=TokenFamilies(sessions),
        profiles=Profiles(s.transact, s.accounts, s.coaches, s.blocks, s.directory, clock),
        blocks=Blocks(s.transact, s.accounts, s.blocks, clock),
        suspension=Suspension(suspension),
        payment_methods=build_payment_methods(stores, gateway, clock),
    )


def build_payment_methods(stores: Stores, gateway: PaymentGateway, clock: Clock) -> PaymentMethods:
    """Saved cards; the worker finishes their removal."""
    s = stores
    return PaymentMethods(CardPorts(s.transact, s.accounts, s.cards, s.card_setups, gateway, clock))


def web_files(*, follow: bool = False) -> WebFiles:
    """The console; with ``follow``, for those who write it, as its files are at each request."""
    return WebFiles(Path(str(resources.files("web"))), follow=follow)


def build_door(
    *,
    accounts: AccountHouse,
    calls: CallHouse,
    booking: BookingHouse,
    stores: Stores,
    clock: Clock,
    settings: RestSettings,
    metrics: CollectorRegistry,
    readiness: Readiness,
    asyncapi: Callable[[], bytes],
    about: About,
    operations: OperationsHouse,
    files: WebFiles,
) -> RestDoor:
    """The door of one server; ``door.add_to(app)`` opens it."""

    @cache
    def openapi() -> bytes:
        return orjson.dumps(openapi_document([endpoint for endpoint, _ in door.endpoints], settings.version))

    ports = DispatchPorts(
        access=accounts.access,
        idempotency=MongoIdempotency(stores.db),
        clock=clock,
        limiter=Limiter(time.monotonic),
        settings=settings,
    )
    calendars = build_availability(stores, booking.calendars, clock)
    offers = build_offers(stores, accounts.profiles, booking, clock)
    cases = booking.cases
    people = build_people(stores, clock, calls.notifications)
    groups = (
        Auth(accounts.registration, accounts.login, accounts.families, accounts.proof, accounts.reset),
        Users(accounts.profiles, accounts.blocks, accounts.suspension),
        Coaches(accounts.profiles),
        AvailabilityOfCoaches(calendars.availability),
        SchedulesOfCoaches(calendars.schedules),
        CalendarsOfCoaches(calendars.open_times),
        CalendarFeed(calendars.feeds),
        SessionTypesOfCoaches(offers.session_types),
        PricesOfCoaches(offers.quotations, offers.price_rules),
        DiscountCodesOfCoaches(offers.discount_codes),
        Payments(accounts.payment_methods, calls.receipts, calls.webhooks, WebhookMetrics(metrics)),
        Checkout(calls.money.purchases),
        Earnings(EarningsOfCoaches(stores.transact, stores.accounts, stores.coaches, stores.payments, clock)),
        LiveSessions(calls.queries, calls.receipts),
        ScheduledSessions(calls.sessions.records, calls.receipts),
        Bookings(cases.bookings, cases.changes, cases.queries),
        BookingMoves(cases.requests, cases.reschedules, cases.changes, cases.outcomes, cases.queries),
        GroupSessions(cases.groups, cases.queries),
        Notifications(calls.notifications),
        Connections(people.connections, people.privacy),
        Admin(operations.live_view, operations.dead_letters, operations.webhooks),
        about,
        System(readiness, metrics, Documents(openapi, asyncapi)),
    )
    door = RestDoor(ports, groups, RestMetrics(metrics), Pages(files))
    return door
