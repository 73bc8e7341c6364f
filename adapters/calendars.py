"""RFC 5545 by the libraries that know it: dateutil expands rules, icalendar writes feeds."""

from collections.abc import Iterator
from datetime import date, datetime, time

from dateutil.rrule import rrulestr


class DateutilRecurrences:
    """Implements :class:`~domain.booking.patterns.Recurrences`."""

    def dates(self, rule: str, first: date, last: date) -> Iterator[date]:
        """See the port. Dates are expanded as naive midnights, so no zone and no clock change comes into it."""
        start, end = datetime.combine(first, time()), datetime.combine(last, time())
        for at in rrulestr(rule, dtstart=start):
            if at > end:
                return
            yield at.date()
