"""Scheduled sessions and their overtime, wired to the calls whose money and meter they share."""

from dataclasses import dataclass

from billing.authorizations import Authorizations
from billing.overtime import OvertimeRequests
from bootstrap.wiring.stores import Stores
from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow
from domain.notifications.ports import Notifier
from domain.scheduled.afterwards import CoachTimeAfterwards
from domain.scheduled.flow import SessionFlow
from domain.scheduled.meetings import Meetings
from domain.scheduled.overtime import Overtime
from signaling.ice import IceServers
from signaling.keeper import ProofKeeper
from signaling.media import Media
from signaling.meter import Meter
from signaling.video.endings import SessionEndings
from signaling.video.handshake import SessionSeats
from signaling.video.media import SessionMedia
from signaling.video.queries import SessionRecords


@dataclass(frozen=True)
class SessionHouse:
    """Everything that moves scheduled sessions."""

    flow: SessionFlow
    meetings: Meetings
    seats: SessionSeats
    endings: SessionEndings
    media: SessionMedia
    overtime: OvertimeRequests
    records: SessionRecords


def build_sessions(
    *,
    stores: Stores,
    calls_flow: CallFlow,
    evidence: Evidence,
    meter: Meter,
    keeper: ProofKeeper,
    media: Media,
    authorizations: Authorizations,
    notifier: Notifier,
    ice: IceServers,
) -> SessionHouse:
    """One per process; it is the room of the calls that are overtime."""
    s, transact = stores, stores.transact
    flow = SessionFlow(calls_flow=calls_flow, calls=s.calls, evidence=evidence, sessions=s.scheduled)
    overtime = Overtime(flow, s.scheduled, notifier)
    calls_flow.attach(overtime)
    endings = SessionEndings(
        transact=transact, flow=flow, overtime=overtime, sessions=s.scheduled, calls=s.calls
    )
    return SessionHouse(
        flow=flow,
        meetings=Meetings(flow, s.scheduled, s.bookings),
        seats=SessionSeats(
            transact=transact,
            flow=flow,
            meter=meter,
            sessions=s.scheduled,
            calls=s.calls,
            evidence=evidence,
            ice=ice,
        ),
        endings=endings,
        media=SessionMedia(flow.clock, keeper, media, endings),
        overtime=OvertimeRequests(
            transact=transact,
            flow=flow,
            overtime=overtime,
            authorizations=authorizations,
            sessions=s.scheduled,
            calls=s.calls,
            accounts=s.accounts,
            cards=s.cards,
            afterwards=CoachTimeAfterwards(s.bookings, s.calendars),
        ),
        records=SessionRecords(transact=transact, flow=flow, sessions=s.scheduled, evidence=evidence),
    )
