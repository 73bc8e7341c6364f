"""RFC 5545 by the libraries that know it: dateutil expands rules, icalendar writes feeds."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event

from domain.booking.feed import Entry, Feed

_HOUR = timedelta(hours=1)


class DateutilRecurrences:
    """Implements :class:`~domain.booking.patterns.Recurrences`."""

    def dates(self, rule: str, first: date, last: date) -> Iterator[date]:
        """See the port. Dates are expanded as naive midnights, so no zone and no clock change comes into it."""
        start, end = datetime.combine(first, time()), datetime.combine(last, time())
        for at in rrulestr(rule, dtstart=start):
            if at > end:
                return
            yield at.date()


class IcalendarWriter:
    """Implements :class:`~domain.booking.feed.FeedWriter`."""

    def write(self, feed: Feed) -> bytes:
        """See the port. ``REFRESH-INTERVAL`` (RFC 7986) asks readers to come once an hour."""
        calendar = Calendar()
        calendar.add("prodid", "-//Rapport//Bookings//EN")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("name", feed.name)
        calendar.add("x-wr-calname", feed.name)
        calendar.add("refresh-interval", _HOUR, parameters={"VALUE": "DURATION"})
        for entry in feed.entries:
            calendar.add_component(_event(entry))
        return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.start)
    event.add("dtend", entry.end)
    event.add("summary", entry.title)
    event.add("status", entry.certainty.value)
    if entry.meeting_url:
        event.add("location", entry.meeting_url)
    return event
