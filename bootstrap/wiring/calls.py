"""The use cases of a call, wired to stores, gateway and clock."""

from dataclasses import dataclass

from billing.authorizations import Authorizations
from billing.receipts import Receipts
from billing.recording import Recorder
from billing.settlement import Settlement
from billing.ticks import Ticks
from billing.webhooks import WebhookInbox
from bootstrap.wiring.money import MoneyHouse, build_money
from bootstrap.wiring.sessions import SessionHouse, build_sessions
from bootstrap.wiring.stores import Stores
from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow
from domain.calls.terms import CallTerms
from domain.clock import Clock
from domain.mail.outbox import Outbox
from domain.notifications.centre import NotificationCentre
from domain.payments.gateway import PaymentGateway
from domain.ports import Publisher
from signaling.answers import Answers
from signaling.endings import Endings
from signaling.handshake import Handshakes
from signaling.ice import IceServers
from signaling.keeper import ProofKeeper
from signaling.media import Media
from signaling.meter import Meter
from signaling.presence import CoachPresence
from signaling.queries import CallQueries
from signaling.request import LiveCalls


@dataclass(frozen=True)
class CallHouse:
    """Everything that moves calls and their money."""

    flow: CallFlow
    notifications: NotificationCentre
    live_calls: LiveCalls
    answers: Answers
    handshakes: Handshakes
    media: Media
    keeper: ProofKeeper
    endings: Endings
    presence: CoachPresence
    queries: CallQueries
    authorizations: Authorizations
    settlement: Settlement
    ticks: Ticks
    receipts: Receipts
    webhooks: WebhookInbox
    money: MoneyHouse
    sessions: SessionHouse


def build_calls(
    *,
    stores: Stores,
    clock: Clock,
    terms: CallTerms,
    process: str,
    gateway: PaymentGateway,
    publisher: Publisher,
    ice: IceServers,
    console_url: str,
) -> CallHouse:
    """One call house per process. ``console_url``: where the gateway's payment page leads back to."""
    s, transact = stores, stores.transact
    notifications = NotificationCentre(
        transact, s.notifications, s.seen, s.feed, clock, s.preferences, Outbox(s.mails, clock)
    )
    flow = CallFlow(
        clock=clock, terms=terms, process=process, calls=s.calls, coaches=s.coaches, notifier=notifications
    )
    evidence = Evidence(s.proofs, clock, terms)
    meter, keeper = Meter(flow), ProofKeeper(clock, s.proofs)
    authorizations = _authorizations(stores, flow, evidence, gateway)
    money = build_money(stores, clock, gateway, console_url)
    media = Media(transact=transact, flow=flow, meter=meter, calls=s.calls, evidence=evidence, keeper=keeper)
    sessions = build_sessions(
        stores=stores,
        calls_flow=flow,
        evidence=evidence,
        meter=meter,
        keeper=keeper,
        media=media,
        authorizations=authorizations,
        notifier=notifications,
        ice=ice,
    )
    return CallHouse(
        flow=flow,
        notifications=notifications,
        live_calls=_live_calls(stores, flow, authorizations),
        answers=Answers(transact=transact, flow=flow, calls=s.calls, coaches=s.coaches),
        handshakes=Handshakes(
            transact=transact, flow=flow, meter=meter, calls=s.calls, evidence=evidence, ice=ice
        ),
        media=media,
        keeper=keeper,
        endings=Endings(transact=transact, flow=flow, calls=s.calls, evidence=evidence),
        presence=CoachPresence(
            transact=transact,
            flow=flow,
            accounts=s.accounts,
            blocks=s.blocks,
            coaches=s.coaches,
            presence=s.presence,
        ),
        queries=CallQueries(flow=flow, calls=s.calls, evidence=evidence, quality=s.quality),
        authorizations=authorizations,
        settlement=_settlement(stores, flow, gateway, authorizations),
        ticks=Ticks(
            transact=transact,
            together=s.together,
            flow=flow,
            calls=s.calls,
            evidence=evidence,
            meters=s.meters,
        ),
        receipts=Receipts(s.payments, s.calls),
        webhooks=WebhookInbox(
            transact=transact,
            clock=clock,
            gateway=gateway,
            store=s.webhooks,
            operations=s.operations,
            authorizations=authorizations,
            charges=money.charges,
            refunds=money.refunds,
        ),
        money=money,
        sessions=sessions,
    )


def _authorizations(s: Stores, flow: CallFlow, evidence: Evidence, gateway: PaymentGateway) -> Authorizations:
    recorder = Recorder(
        transact=s.transact, flow=flow, calls=s.calls, evidence=evidence, operations=s.operations
    )
    return Authorizations(
        transact=s.transact,
        flow=flow,
        gateway=gateway,
        recorder=recorder,
        calls=s.calls,
        cards=s.cards,
        operations=s.operations,
    )


def _live_calls(s: Stores, flow: CallFlow, authorizations: Authorizations) -> LiveCalls:
    return LiveCalls(
        transact=s.transact,
        flow=flow,
        payments=authorizations,
        accounts=s.accounts,
        blocks=s.blocks,
        cards=s.cards,
        coaches=s.coaches,
        calls=s.calls,
    )


def _settlement(
    s: Stores, flow: CallFlow, gateway: PaymentGateway, authorizations: Authorizations
) -> Settlement:
    return Settlement(
        transact=s.transact,
        flow=flow,
        gateway=gateway,
        authorizations=authorizations,
        calls=s.calls,
        operations=s.operations,
        payments=s.payments,
        ledger=s.ledger,
    )
