"""What a booking is called."""

from domain.booking.session_type import SessionType

#: What calendars write when nobody gave a title, in the languages that the session types are mostly named in.
PLACEHOLDERS = frozenset(
    {
        "appointment",
        "availability",
        "available",
        "booking",
        "free",
        "new booking",
        "new session",
        "session",
        "slot",
        "termin",
        "untitled",
        "verfügbar",
        "verfügbarkeit",
    }
)


def title_of(given: str | None, session_type: SessionType, locale: str) -> str:
    """The given title; the session type's name in the reader's language when it says nothing."""
    title = " ".join((given or "").split())
    if not title or title.casefold() in PLACEHOLDERS:
        return session_type.name_in(locale)
    return title
