"""Recurrence rules (RFC 5545, section 3.3.10), as far as availability needs them, and the spans of a series.

Understood are ``FREQ`` DAILY, WEEKLY and MONTHLY with ``INTERVAL``, ``BYDAY`` (with ordinals in a MONTHLY rule),
``BYMONTHDAY``, ``BYMONTH``, ``BYSETPOS`` and ``WKST``; always with a bound, ``COUNT`` or ``UNTIL``. Everything else is refused
by name: a series has at most one occurrence a day, and a rule that never matches would be searched to the end of the calendar.

An occurrence whose start clocks skip is none and is not counted, as the RFC says.
"""

import calendar
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol

from domain.booking.calendar import HORIZON
from domain.booking.slots import Pattern
from domain.booking.spans import Span
from domain.booking.zones import DAY, WallWindow, wall_of, zone_named
from domain.errors import Invalid

OCCURRENCES = 366
#: Expanded patterns that a process keeps.
REMEMBERED = 500
INTERVAL_MAX = 366
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")
_BYDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"(\d{8})(T\d{6}Z)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,3}", re.ASCII)
#: Every weekday comes at least so often in every month.
_SETPOS_MAX = 4


class Recurrences(Protocol):
    """The library that knows RFC 5545."""

    def dates(self, rule: str, first: date, last: date) -> Iterator[date]:
        """The dates of ``rule`` (an RRULE without COUNT and UNTIL) from ``first``, its DTSTART, to ``last``, ascending."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule. ``until`` is inclusive; one bound is None."""

    frequency: str
    interval: int
    by_day: tuple[tuple[int | None, int], ...]  # (ordinal in the month, weekday from 0)
    by_month_day: tuple[int, ...]
    by_month: tuple[int, ...]
    set_position: int | None
    week_start: str | None
    count: int | None
    until: datetime | date | None

    @property
    def unbounded(self) -> str:
        """As the library gets it: the bounds are ours, because skipped occurrences are not counted."""
        parts = [f"FREQ={self.frequency}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.by_day:
            parts.append("BYDAY=" + ",".join(f"{nth or ''}{_DAYS[day]}" for nth, day in self.by_day))
        if self.by_month_day:
            parts.append("BYMONTHDAY=" + ",".join(map(str, self.by_month_day)))
        if self.by_month:
            parts.append("BYMONTH=" + ",".join(map(str, self.by_month)))
        if self.set_position:
            parts.append(f"BYSETPOS={self.set_position}")
        if self.week_start:
            parts.append(f"WKST={self.week_start}")
        return ";".join(parts)

    def __str__(self) -> str:
        if self.count is not None:
            return f"{self.unbounded};COUNT={self.count}"
        if isinstance(self.until, datetime):
            return f"{self.unbounded};UNTIL={self.until.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return f"{self.unbounded};UNTIL={self.until:%Y%m%d}"

    def matches(self, day: date) -> bool:
        """Whether a date has the month, weekday and day of the month that every occurrence has; not all that it takes."""
        if self.by_month and day.month not in self.by_month:
            return False
        length = calendar.monthrange(day.year, day.month)[1]
        if self.by_month_day and not {day.day, day.day - length - 1} & set(self.by_month_day):
            return False
        nth, from_end = (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)
        return not self.by_day or any(
            weekday == day.weekday() and ordinal in (None, nth, from_end) for ordinal, weekday in self.by_day
        )

    def ends_before(self, start: datetime, day: date) -> bool:
        """Whether an occurrence that begins then is beyond UNTIL."""
        if isinstance(self.until, datetime):
            return start > self.until
        return self.until is not None and day > self.until


def parse_rule(text: str) -> Rule:
    """Read an RRULE value, with or without ``RRULE:`` before it.

    Raises:
        Invalid: with what is wrong with it.
    """
    parts: dict[str, str] = {}
    for part in text.removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise wrong_rule("It is a list of NAME=value, each once, separated by semicolons.")
        if name not in _PARTS:
            raise wrong_rule(f"{name[:20]} is not supported; {', '.join(_PARTS)} are.")
        parts[name] = value
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise wrong_rule("FREQ is DAILY, WEEKLY or MONTHLY.")
    rule = Rule(
        frequency=frequency,
        interval=_number("INTERVAL", parts.get("INTERVAL", "1"), 1, INTERVAL_MAX),
        by_day=_by_day(frequency, parts.get("BYDAY")),
        by_month_day=_numbers("BYMONTHDAY", parts.get("BYMONTHDAY"), 31),
        by_month=_numbers("BYMONTH", parts.get("BYMONTH"), 12),
        set_position=_number("BYSETPOS", parts["BYSETPOS"], -4, 4) if "BYSETPOS" in parts else None,
        week_start=parts.get("WKST"),
        count=_number("COUNT", parts["COUNT"], 1, OCCURRENCES) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
    )
    _check_combination(rule)
    return rule


def _check_combination(rule: Rule) -> None:
    if (rule.count is None) == (rule.until is None):
        raise wrong_rule("It needs an end: either COUNT or UNTIL.")
    if rule.week_start is not None and rule.week_start not in _DAYS:
        raise wrong_rule("WKST is a weekday, like MO.")
    if rule.by_month_day and rule.frequency != "MONTHLY":
        raise wrong_rule("BYMONTHDAY belongs to a MONTHLY rule.")
    if any(month < 1 for month in rule.by_month):
        raise wrong_rule("BYMONTH is 1 to 12.")
    if rule.set_position is not None:
        plain = rule.by_day and not rule.by_month_day and all(nth is None for nth, _ in rule.by_day)
        if rule.frequency != "MONTHLY" or not plain or not 1 <= abs(rule.set_position) <= _SETPOS_MAX:
            raise wrong_rule("BYSETPOS picks the 1st to 4th, or -1st to -4th, of the BYDAY of a month.")


def _by_day(frequency: str, value: str | None) -> tuple[tuple[int | None, int], ...]:
    days: list[tuple[int | None, int]] = []
    for item in value.split(",") if value else ():
        match = _BYDAY.fullmatch(item)
        if match is None:
            raise wrong_rule("BYDAY is a list of weekdays, like MO,TH.")
        if match[1] and frequency != "MONTHLY":
            raise wrong_rule("A weekday with a number belongs to a MONTHLY rule.")
        days.append((int(match[1]) if match[1] else None, _DAYS.index(match[2])))
    return tuple(dict.fromkeys(days))


def _numbers(name: str, value: str | None, largest: int) -> tuple[int, ...]:
    found = [_number(name, item, -largest, largest) for item in value.split(",")] if value else []
    if 0 in found:
        raise wrong_rule(f"{name} has no zero.")
    return tuple(dict.fromkeys(found))


def _number(name: str, value: str, smallest: int, largest: int) -> int:
    if not _NUMBER.fullmatch(value) or not smallest <= int(value) <= largest:
        raise wrong_rule(f"{name} is a number from {smallest} to {largest}.")
    return int(value)


def _until(value: str) -> datetime | date:
    match = _UNTIL.fullmatch(value)
    try:
        if match is None:
            raise ValueError(value)
        if match[2] is None:
            return date(int(value[:4]), int(value[4:6]), int(value[6:8]))
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise wrong_rule("UNTIL is a date (20261231) or an instant in UTC (20261231T225959Z).") from error


def wrong_rule(problem: str) -> Invalid:
    """What is said about a rule that cannot be kept."""
    return Invalid(
        f"This recurrence cannot be kept: {problem}",
        details={"fields": [{"path": "recurrence.rule", "problem": problem}]},
    )


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a series. ``day`` is the local date on which it begins, and names it."""

    day: date
    span: Span


def _start_of(occurrence: Occurrence) -> datetime:
    return occurrence.span.start


class Series:
    """Expands patterns."""

    def __init__(self, recurrences: Recurrences) -> None:
        self._recurrences = recurrences
        # A pattern never changes, so neither does what it comes to.
        self._remembered = lru_cache(REMEMBERED)(self._expanded)

    def occurrences(self, pattern: Pattern) -> Sequence[Occurrence]:
        """All of them, ascending, without the excluded dates."""
        return self._remembered(pattern)

    def inside(self, pattern: Pattern, window: Span) -> Sequence[Occurrence]:
        """Those that overlap ``window``."""
        known = self._remembered(pattern)
        # No occurrence is longer than a day of 25 hours.
        first = bisect_left(known, window.start - 2 * DAY, key=_start_of)
        last = bisect_left(known, window.end, key=_start_of)
        return [one for one in known[first:last] if one.span.end > window.start]

    def _expanded(self, pattern: Pattern) -> tuple[Occurrence, ...]:
        left_out = set(pattern.excluded)
        return tuple(one for one in self._all(pattern) if one.day not in left_out)

    def _all(self, pattern: Pattern) -> Iterator[Occurrence]:
        rule, zone = parse_rule(pattern.rule), zone_named(pattern.time_zone)
        counted = 0
        for day in self._recurrences.dates(rule.unbounded, pattern.first, pattern.first + HORIZON):
            span = pattern.window.on(day, zone) if pattern.window.begins_on(day, zone) else None
            if span is None:
                continue
            if rule.ends_before(span.start, day) or counted == rule.count:
                return
            counted += 1
            yield Occurrence(day, span)

    def checked(self, pattern: Pattern) -> list[Occurrence]:
        """The occurrences of a new or changed pattern.

        Raises:
            Invalid: a rule that does not begin with its first occurrence, has none, too many, or ends too far ahead.
        """
        rule = parse_rule(pattern.rule)
        if not rule.matches(pattern.first):
            raise wrong_rule("The first occurrence is not one of the rule's.")
        found: list[Occurrence] = []
        for one in self._all(replace(pattern, excluded=())):
            found.append(one)
            if len(found) > OCCURRENCES:
                raise wrong_rule(f"It has more than {OCCURRENCES} occurrences.")
        if not found or found[0].day != pattern.first:
            raise wrong_rule("The first occurrence is not one of the rule's.")
        if rule.count is not None and len(found) < rule.count:
            raise wrong_rule(f"It reaches further than {HORIZON.days} days ahead.")
        if rule.until is not None and _day_of(rule.until, pattern) > pattern.first + HORIZON:
            raise wrong_rule(f"It reaches further than {HORIZON.days} days ahead.")
        return [one for one in found if one.day not in set(pattern.excluded)]

    def before(self, pattern: Pattern, day: date) -> Pattern | None:
        """What remains of a series that ends before the occurrence of ``day``; None if nothing does."""
        if day <= pattern.first:
            return None
        rule = replace(parse_rule(pattern.rule), count=None, until=day - DAY)
        kept = tuple(one for one in pattern.excluded if one < day)
        return replace(pattern, rule=str(rule), excluded=kept)

    def rest_of_rule(self, pattern: Pattern, day: date) -> str:
        """The rule of the occurrences from ``day`` on: what is left of a COUNT, or the same UNTIL."""
        rule = parse_rule(pattern.rule)
        if rule.count is None:
            return pattern.rule
        gone = sum(one.day < day for one in self._all(pattern))
        return str(replace(rule, count=rule.count - gone))


def _day_of(until: datetime | date, pattern: Pattern) -> date:
    return wall_of(until, zone_named(pattern.time_zone)).date() if isinstance(until, datetime) else until


def pattern_of(rule: str, time_zone: str, span: Span, *, excluded: tuple[date, ...] = ()) -> Pattern:
    """The pattern whose first occurrence is ``span``.

    Raises:
        Invalid: edges that are no whole minutes of the zone's clocks, or a span of more than a day.
    """
    zone = zone_named(time_zone)
    start, end = wall_of(span.start, zone), wall_of(span.end, zone)
    if start.second or end.second:
        raise wrong_rule("Its occurrences begin and end at whole minutes.")
    midnight = datetime.combine(start.date(), time())
    length = end - midnight
    minutes = int(length / timedelta(minutes=1))
    window = WallWindow(start.hour * 60 + start.minute, minutes if minutes <= 1440 else minutes - 1440)
    if end - start > DAY or window.end_of_span != minutes or window.start == window.end:
        raise wrong_rule("An occurrence is shorter than a day.")
    return Pattern(rule, time_zone, start.date(), window, excluded)
