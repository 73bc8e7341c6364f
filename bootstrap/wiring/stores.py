"""All MongoDB stores of a process, opened together."""

from dataclasses import dataclass

from adapters.mongo.accounts import INDEXES as accounts_indexes
from adapters.mongo.accounts import MongoAccounts, MongoBlocks
from adapters.mongo.bookings import INDEXES as bookings_indexes
from adapters.mongo.bookings import MongoBookings
from adapters.mongo.calendar_feeds import INDEXES as calendar_feeds_indexes
from adapters.mongo.calendar_feeds import MongoCalendarFeeds
from adapters.mongo.calendars import MongoCalendars
from adapters.mongo.calls import INDEXES as calls_indexes
from adapters.mongo.calls import MongoCalls, MongoProofs, MongoQuality
from adapters.mongo.cards import INDEXES as cards_indexes
from adapters.mongo.cards import MongoCards, MongoCardSetups
from adapters.mongo.client import MongoClient, MongoDatabase, database_of
from adapters.mongo.coach_directory import INDEXES as coach_directory_indexes
from adapters.mongo.coach_directory import MongoCoachDirectory
from adapters.mongo.coaches import INDEXES as coaches_indexes
from adapters.mongo.coaches import MongoCoaches, MongoPresence
from adapters.mongo.connections import INDEXES as connections_indexes
from adapters.mongo.connections import MongoCalendarPrivacy, MongoConnections
from adapters.mongo.feed import MongoFeed
from adapters.mongo.idempotency import INDEXES as idempotency_indexes
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.ledger import INDEXES as ledger_indexes
from adapters.mongo.ledger import MongoLedger
from adapters.mongo.mails import INDEXES as mails_indexes
from adapters.mongo.mails import MongoMails
from adapters.mongo.meters import MongoMeters
from adapters.mongo.money import INDEXES as money_indexes
from adapters.mongo.money import RETIRED as money_retired
from adapters.mongo.money import MongoOperations, MongoPayments, MongoWebhooks
from adapters.mongo.notifications import INDEXES as notifications_indexes
from adapters.mongo.notifications import MongoNotifications, MongoPreferences, MongoSeen
from adapters.mongo.one_time import INDEXES as one_time_indexes
from adapters.mongo.one_time import MongoMailRequests, MongoOneTimeTokens
from adapters.mongo.outbox import INDEXES as outbox_indexes
from adapters.mongo.outbox import MongoOutbox
from adapters.mongo.pricing import INDEXES as pricing_indexes
from adapters.mongo.pricing import MongoDiscountCodes, MongoPriceRules
from adapters.mongo.processes import MongoLeases, MongoProcesses
from adapters.mongo.samples import INDEXES as samples_indexes
from adapters.mongo.samples import MongoSamples
from adapters.mongo.scheduled import INDEXES as scheduled_indexes
from adapters.mongo.scheduled import MongoScheduledSessions
from adapters.mongo.session_types import INDEXES as session_types_indexes
from adapters.mongo.session_types import MongoSessionTypes
from adapters.mongo.sessions import INDEXES as sessions_indexes
from adapters.mongo.sessions import MongoAttempts, MongoFamilies, MongoRevocations
from adapters.mongo.shopfronts import MongoShopfronts
from adapters.mongo.slots import INDEXES as slots_indexes
from adapters.mongo.slots import MongoSlots
from adapters.mongo.timers import INDEXES as timers_indexes
from adapters.mongo.timers import MongoTimers
from adapters.mongo.transactions import MongoTransactions
from domain.clock import Clock
from domain.outbox import RowPublisher

#: Real seconds that a batch waits for a document which another transaction holds.
BATCH_WITHIN = 0.25
INDEXES: list[IndexSpec] = [
    *accounts_indexes,
    *bookings_indexes,
    *calendar_feeds_indexes,
    *calls_indexes,
    *cards_indexes,
    *coach_directory_indexes,
    *coaches_indexes,
    *connections_indexes,
    *idempotency_indexes,
    *ledger_indexes,
    *mails_indexes,
    *money_indexes,
    *notifications_indexes,
    *one_time_indexes,
    *outbox_indexes,
    *pricing_indexes,
    *samples_indexes,
    *session_types_indexes,
    *scheduled_indexes,
    *sessions_indexes,
    *slots_indexes,
    *timers_indexes,
]

#: What databases of earlier versions may still have.
RETIRED: list[IndexSpec] = [*money_retired]


@dataclass(frozen=True)
class Stores:
    """One of each."""

    client: MongoClient
    db: MongoDatabase
    transact: MongoTransactions
    #: for batches, which go on without what somebody else holds
    together: MongoTransactions
    outbox: MongoOutbox
    timers: MongoTimers
    processes: MongoProcesses
    leases: MongoLeases
    calls: MongoCalls
    meters: MongoMeters
    proofs: MongoProofs
    quality: MongoQuality
    coaches: MongoCoaches
    presence: MongoPresence
    accounts: MongoAccounts
    blocks: MongoBlocks
    bookings: MongoBookings
    scheduled: MongoScheduledSessions
    session_types: MongoSessionTypes
    shopfronts: MongoShopfronts
    price_rules: MongoPriceRules
    discount_codes: MongoDiscountCodes
    calendars: MongoCalendars
    calendar_feeds: MongoCalendarFeeds
    slots: MongoSlots
    attempts: MongoAttempts
    families: MongoFamilies
    revocations: MongoRevocations
    cards: MongoCards
    card_setups: MongoCardSetups
    directory: MongoCoachDirectory
    connections: MongoConnections
    calendar_privacy: MongoCalendarPrivacy
    notifications: MongoNotifications
    preferences: MongoPreferences
    mails: MongoMails
    one_time_tokens: MongoOneTimeTokens
    mail_requests: MongoMailRequests
    seen: MongoSeen
    feed: MongoFeed
    operations: MongoOperations
    payments: MongoPayments
    ledger: MongoLedger
    webhooks: MongoWebhooks
    samples: MongoSamples


def open_stores(client: MongoClient, clock: Clock, publisher: RowPublisher, process: str = "") -> Stores:
    """Every store on one client; nothing is read or written yet. ``process`` names whoever claims timers."""
    db = database_of(client)
    own_outbox, own_timers = MongoOutbox(db), MongoTimers(db, clock, process)
    return Stores(
        client=client,
        db=db,
        transact=MongoTransactions(client, own_outbox, own_timers, clock, publisher),
        together=MongoTransactions(client, own_outbox, own_timers, clock, publisher, within=BATCH_WITHIN),
        outbox=own_outbox,
        timers=own_timers,
        processes=MongoProcesses(db, clock),
        leases=MongoLeases(db),
        calls=MongoCalls(db),
        meters=MongoMeters(db, clock),
        proofs=MongoProofs(db),
        quality=MongoQuality(db),
        coaches=MongoCoaches(db),
        presence=MongoPresence(db),
        accounts=MongoAccounts(db),
        blocks=MongoBlocks(db),
        bookings=MongoBookings(db),
        scheduled=MongoScheduledSessions(db),
        session_types=MongoSessionTypes(db),
        shopfronts=MongoShopfronts(db),
        price_rules=MongoPriceRules(db),
        discount_codes=MongoDiscountCodes(db),
        calendars=MongoCalendars(db),
        calendar_feeds=MongoCalendarFeeds(db),
        slots=MongoSlots(db),
        attempts=MongoAttempts(db),
        families=MongoFamilies(db),
        revocations=MongoRevocations(db),
        cards=MongoCards(db),
        card_setups=MongoCardSetups(db),
        directory=MongoCoachDirectory(db, clock),
        connections=MongoConnections(db),
        calendar_privacy=MongoCalendarPrivacy(db),
        notifications=MongoNotifications(db),
        preferences=MongoPreferences(db),
        mails=MongoMails(db),
        one_time_tokens=MongoOneTimeTokens(db),
        mail_requests=MongoMailRequests(db),
        seen=MongoSeen(db),
        feed=MongoFeed(db),
        operations=MongoOperations(db),
        payments=MongoPayments(db, clock),
        ledger=MongoLedger(db),
        webhooks=MongoWebhooks(db, clock),
        samples=MongoSamples(db),
    )
