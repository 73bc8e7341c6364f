"""What the two peers send and hear: a tone and a moving picture each, told apart at the other end.

A person is a tone and a shade of grey. Both survive lossy codecs, so that whoever listens can count not just frames, but
frames of the *other* person: a loop-back or a stale buffer would not pass. While a call is paused, both send silence and black.
"""

import asyncio
import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

SAMPLE_RATE = 48_000
#: One audio frame, 20 ms. A tone that is a multiple of 50 Hz fills it with whole periods.
SAMPLES = 960
AMPLITUDE = 8_000
WIDTH, HEIGHT, FRAMES_PER_SECOND = 160, 120, 10
VIDEO_CLOCK = 90_000
BLACK, WHITE, NEUTRAL = 16, 235, 128
BAR = 16

#: How far a decoded tone or shade may be from what was sent.
TONE_TOLERANCE = 0.1
SHADE_TOLERANCE = 14


@dataclass(frozen=True, slots=True)
class Likeness:
    """How one person sounds (Hz) and looks (luma)."""

    tone: int
    shade: int


COACH = Likeness(tone=400, shade=80)
CLIENT = Likeness(tone=650, shade=160)


class Studio:
    """One person's microphone and camera. Tracks are made anew for each connection; the switches are shared."""

    def __init__(self, likeness: Likeness) -> None:
        self._tone, self._silence = _tone(likeness.tone), bytes(2 * SAMPLES)
        self._shade = likeness.shade
        self._flowing = asyncio.Event()
        self._flowing.set()
        #: send silence and black: the call is paused
        self.covered = False

    def stall(self) -> None:
        """Send nothing at all: the devices hang."""
        self._flowing.clear()

    def flow(self) -> None:
        """Send again."""
        self._flowing.set()

    def tracks(self) -> list[MediaStreamTrack]:
        """A microphone and a camera for one connection."""
        return [_Microphone(self), _Camera(self)]

    async def flowing(self) -> None:
        """Wait while stalled."""
        await self._flowing.wait()

    def sound(self) -> bytes:
        """20 ms of it."""
        return self._silence if self.covered else self._tone

    def row(self, number: int) -> bytes:
        """One row of luma of a picture: a bar that moves over the shade."""
        if self.covered:
            return bytes([BLACK]) * WIDTH
        row = bytearray([self._shade]) * WIDTH
        at = (number * 4) % (WIDTH - BAR)
        row[at : at + BAR] = bytes([WHITE]) * BAR
        return bytes(row)


class _Paced(MediaStreamTrack):
    """Frames at a steady pace; after a stall they go on from now, without a burst."""

    def __init__(self, studio: Studio, interval: Fraction) -> None:
        super().__init__()
        self._studio = studio
        self._interval = float(interval)
        self._started: float | None = None
        self._number = -1

    async def _next(self) -> int:
        """The number of the frame whose time it is."""
        await self._studio.flowing()
        loop = asyncio.get_running_loop()
        if self._started is None:
            self._started = loop.time()
        due = max(self._number + 1, int((loop.time() - self._started) / self._interval))
        await asyncio.sleep(self._started + due * self._interval - loop.time())
        if self.readyState != "live":
            raise MediaStreamError
        self._number = due
        return due


class _Microphone(_Paced):
    kind = "audio"

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, Fraction(SAMPLES, SAMPLE_RATE))

    async def recv(self) -> AudioFrame:
        number = await self._next()
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(self._studio.sound())
        frame.sample_rate, frame.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
        frame.pts = number * SAMPLES
        return frame


class _Camera(_Paced):
    kind = "video"

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, Fraction(1, FRAMES_PER_SECOND))

    async def recv(self) -> VideoFrame:
        number = await self._next()
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        luma, *chroma = frame.planes
        luma.update(self._studio.row(number).ljust(luma.line_size, b"\0") * HEIGHT)
        for plane in chroma:
            plane.update(bytes([NEUTRAL]) * plane.buffer_size)
        frame.pts, frame.time_base = number * (VIDEO_CLOCK // FRAMES_PER_SECOND), Fraction(1, VIDEO_CLOCK)
        return frame


@dataclass(slots=True)
class Received:
    """Decoded frames, and how many of them were recognised as the other person's."""

    audio: int = 0
    video: int = 0
    voice: int = 0
    face: int = 0

    @property
    def recognised(self) -> bool:
        """Whether the other person was both heard and seen."""
        return self.voice > 0 and self.face > 0


@dataclass(slots=True)
class Audience:
    """Consumes what arrives and counts it; ``of`` is who should be at the other end."""

    of: Likeness
    received: Received = field(default_factory=Received)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def attend(self, track: MediaStreamTrack) -> None:
        """Listen to a track until it ends."""
        count = self._hear if track.kind == "audio" else self._see
        task = asyncio.create_task(_consume(track, count))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def leave(self) -> None:
        """Stop listening."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _hear(self, frame: AudioFrame) -> None:
        self.received.audio += 1
        self.received.voice += abs(pitch(frame) - self.of.tone) <= TONE_TOLERANCE * self.of.tone

    def _see(self, frame: VideoFrame) -> None:
        self.received.video += 1
        self.received.face += abs(shade(frame) - self.of.shade) <= SHADE_TOLERANCE


async def _consume(track: MediaStreamTrack, count: Callable[..., None]) -> None:
    try:
        while True:
            count(await track.recv())
    except MediaStreamError:
        return


def pitch(frame: AudioFrame) -> float:
    """The frequency of a tone in Hz, by counting where it crosses zero upwards; 0 for silence."""
    samples = array("h", bytes(frame.planes[0]))[:: len(frame.layout.channels)][: frame.samples]
    if max(samples, default=0) < AMPLITUDE // 8:
        return 0.0
    # Round the corner too: a frame holds whole periods.
    rises = sum(1 for before, after in pairwise((*samples, samples[0])) if before < 0 <= after)
    return rises * frame.sample_rate / len(samples)


def shade(frame: VideoFrame) -> float:
    """The median luma of a picture: a narrow bar does not move it."""
    plane = frame.planes[0]
    luma, stride = bytes(plane), plane.line_size
    seen = sorted(b"".join(luma[y * stride : y * stride + frame.width] for y in range(0, frame.height, 12)))
    return seen[len(seen) // 2]


def _tone(frequency: int) -> bytes:
    step = 2 * math.pi * frequency / SAMPLE_RATE
    return array("h", (round(AMPLITUDE * math.sin(step * i)) for i in range(SAMPLES))).tobytes()
