"""What the socket door asks of the rest of the house."""

from bootstrap.wiring.calls import CallHouse
from bootstrap.wiring.stores import Stores
from domain.clock import Clock
from domain.notifications.feed import Feed
from realtime.ports import UseCases


def build_use_cases(calls: CallHouse, stores: Stores, clock: Clock) -> UseCases:
    """The use cases behind events: the same for a server and for tests of one."""
    return UseCases(
        live_calls=calls.live_calls,
        answers=calls.answers,
        handshakes=calls.handshakes,
        media=calls.media,
        endings=calls.endings,
        presence=calls.presence,
        authorizations=calls.authorizations,
        notifications=calls.notifications,
        feed=Feed(stores.feed, clock),
        queries=calls.queries,
        session_seats=calls.sessions.seats,
        session_media=calls.sessions.media,
        session_endings=calls.sessions.endings,
        overtime=calls.sessions.overtime,
    )
