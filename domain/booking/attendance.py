"""Who came to a session in our own rooms. Pure."""

from domain.booking.booking import Booking
from domain.booking.expiry import NO_SHOW
from domain.scheduled.session import Guest, ScheduledSession


def is_watched(booking: Booking) -> bool:
    """Whether the platform knows who came: not when they meet through a pasted link, nor of groups."""
    return booking.meeting_url is None and booking.client is not None and booking.group_id is None


def missing(booking: Booking, meeting: ScheduledSession) -> str | None:
    """Who did not come in time: ``coach``, ``client`` or ``both``; None when everybody did."""
    coach = _came(booking, meeting.coach)
    client = meeting.client is not None and _came(booking, meeting.client)
    if coach and client:
        return None
    if coach or client:
        return "client" if coach else "coach"
    return "both"


def _came(booking: Booking, guest: Guest) -> bool:
    """Whether somebody was there at any instant from the start until it counts as a no-show."""
    until = min(booking.start + NO_SHOW, booking.end)
    return any(
        visit.joined_at <= until and (visit.left_at is None or visit.left_at > booking.start)
        for visit in guest.visits
    )
