"""Every event there is, in the order of the documents."""

from domain import events, session_events
from domain.events import Event

#: Every event that a use case may emit. Events that belong to one socket alone (``session_expiring``,
#: ``server_draining``, ``live-signal``) are declared in ``realtime``.
CATALOGUE: tuple[type[Event], ...] = (
    events.NotificationCreated,
    events.NotificationsRead,
    events.CoachStatusChanged,
    events.LiveSessionRinging,
    events.LiveSessionUpdated,
    events.PaymentUpdated,
    events.BookingUpdated,
    events.AvailabilityUpdated,
    events.LivePeerJoined,
    events.LivePeerLeft,
    events.LiveSeatTaken,
    events.LiveSessionStarted,
    events.LiveSessionTick,
    events.LiveSessionLowBalance,
    events.LiveSessionExtended,
    events.LiveSessionPaused,
    events.LiveSessionResumed,
    events.LiveSessionEnded,
    session_events.SessionPeerJoined,
    session_events.SessionPeerLeft,
    session_events.SessionSeatTaken,
    session_events.SessionEndingSoon,
    session_events.OvertimeUpdated,
    session_events.OvertimeMetered,
    session_events.OvertimeTick,
    session_events.SessionEnded,
)

#: What processes of ours tell each other; no client ever receives these.
BETWEEN_PROCESSES: tuple[type[Event], ...] = (events.LiveSessionTicks,)
