"""What is asked for, what happened, and what came of it."""

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Protocol

from bootstrap.call.media import Received
from bootstrap.call.wire import Receipt
from bootstrap.demo import DEMO_PASSWORD


class Road(StrEnum):
    """How a call can go."""

    TALK = "talk"
    DECLINE = "decline"
    DROP_MEDIA = "drop-media"
    CARD_DECLINED = "card-declined"


#: Domain seconds per real second of a server of our own. A lost connection needs some real seconds to be noticed and to come
#: back, while grace (45 s) is domain time: that road is shown slower.
DEFAULT_SPEED = dict.fromkeys(Road, 60.0) | {Road.DROP_MEDIA: 15.0}


class Place(Protocol):
    """A running server. ``sandbox_url`` is None when it is not known, or payments go to Stripe."""

    @property
    def url(self) -> str: ...

    @property
    def sandbox_url(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Address:
    """A :class:`Place` by its address."""

    url: str
    sandbox_url: str | None = None


#: Starts a server at a clock speed, and stops it at the end.
Start = Callable[[float], AbstractAsyncContextManager[Place]]


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What to show.

    ``minutes`` is talk in domain time. ``url`` None starts a server at ``speed`` (default by road).

    Raises:
        ValueError: a combination that makes no sense, as a sentence.
    """

    minutes: float = 3.0
    road: Road = Road.TALK
    url: str | None = None
    sandbox_url: str | None = None
    speed: float | None = None
    coach: str = "coach@demo.test"
    client: str = "client@demo.test"
    password: str = field(default=DEMO_PASSWORD, repr=False)

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise ValueError("--minutes must be more than 0.")
        if self.speed is not None and self.url is not None:
            raise ValueError(
                "--speed is for a server of our own; a running one has its own speed (RAPPORT_CLOCK_SPEED)."
            )
        if self.speed is not None and self.speed <= 0:
            raise ValueError("--speed must be more than 0.")
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise ValueError("--url must begin with http:// or https://.")

    @property
    def clock_speed(self) -> float:
        """For a server of our own."""
        return DEFAULT_SPEED[self.road] if self.speed is None else self.speed


def road_of(*, decline: bool = False, drop_media: bool = False, card: str | None = None) -> Road:
    """The road that the command's switches name.

    Raises:
        ValueError: more than one, or an unknown card.
    """
    if card not in (None, "declined"):
        raise ValueError("--card knows one word: declined.")
    wanted = [
        road
        for road, asked in (
            (Road.DECLINE, decline),
            (Road.DROP_MEDIA, drop_media),
            (Road.CARD_DECLINED, card is not None),
        )
        if asked
    ]
    if len(wanted) > 1:
        raise ValueError("--decline, --drop-media and --card declined are different roads: choose one.")
    return wanted[0] if wanted else Road.TALK


class Mark(StrEnum):
    """What kind of moment."""

    STEP = "step"
    LIVE = "live"
    TICK = "tick"
    PAUSE = "pause"
    END = "end"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline; ``seconds`` are real ones since the story began."""

    seconds: float
    who: str
    mark: Mark
    text: str


class Story:
    """The timeline as it happens."""

    def __init__(self, show: Callable[[Moment], None]) -> None:
        self.moments: list[Moment] = []
        self._show = show
        self._began = time.monotonic()

    def tell(self, who: str, text: str, mark: Mark = Mark.STEP) -> None:
        """Something happened."""
        moment = Moment(round(time.monotonic() - self._began, 3), who, mark, text)
        self.moments.append(moment)
        self._show(moment)


@dataclass(frozen=True, slots=True)
class Check:
    """Something that should be so, and whether it is."""

    name: str
    ok: bool
    detail: str


@dataclass(slots=True)
class CallResult:
    """What came of it. ``ok`` only if everything that was shown is what should have happened."""

    road: Road
    url: str = ""
    clock_speed: float | None = None
    session_id: str | None = None
    state: str | None = None
    end_reason: str | None = None
    receipt: Receipt | None = None
    coach_earns: int | None = None
    received: dict[str, Received] = field(default_factory=dict)
    packets: dict[str, int] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    error: str | None = None
    error_code: str | None = None

    @property
    def ok(self) -> bool:
        """Nothing failed, and there was something to look at."""
        return self.error is None and bool(self.checks) and all(check.ok for check in self.checks)

    def to_json(self) -> dict[str, object]:
        """JSON-compatible, camelCase like the rest of the contract."""
        return {
            "ok": self.ok,
            "road": self.road.value,
            "url": self.url,
            "clockSpeed": self.clock_speed,
            "sessionId": self.session_id,
            "state": self.state,
            "endReason": self.end_reason,
            "receipt": self.receipt.model_dump(mode="json") if self.receipt else None,
            "coachEarns": self.coach_earns,
            "received": {who: asdict(frames) for who, frames in self.received.items()},
            "rtpPackets": self.packets,
            "checks": [asdict(check) for check in self.checks],
            "timeline": [asdict(moment) for moment in self.moments],
            "error": {"code": self.error_code, "message": self.error} if self.error else None,
        }
