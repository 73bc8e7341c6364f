"""A camera's picture that is nobody's: a figure before a wall, moving a little, as a Y4M file that Chromium plays.

https://wiki.multimedia.cx/index.php/YUV4MPEG2
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT = 640, 360
FRAMES = 20
#: Brightness and colour of 8-bit video: (Y, U, V).
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Portrait:
    """The colours of one figure."""

    wall: Colour
    clothes: Colour
    skin: Colour = (168, 112, 146)
    hair: Colour = (60, 122, 136)


COACH = Portrait(wall=(176, 124, 116), clothes=(84, 140, 112))
CLIENT = Portrait(wall=(186, 118, 136), clothes=(104, 118, 158), skin=(140, 114, 150), hair=(44, 126, 132))


def write_portrait(portrait: Portrait, file: Path) -> None:
    """Two seconds of it."""
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    frames = (b"FRAME\n" + _frame(portrait, 2 * math.pi * number / FRAMES) for number in range(FRAMES))
    file.write_bytes(header + b"".join(frames))


def _frame(portrait: Portrait, phase: float) -> bytes:
    """One picture: the plane of brightness, then those of colour at half the size."""
    sway, nod = 6 * math.sin(phase), 3 * math.sin(2 * phase)
    planes = [_plane(portrait, channel, 1 if channel == 0 else 2, sway, nod) for channel in range(3)]
    return b"".join(planes)


def _plane(portrait: Portrait, channel: int, step: int, sway: float, nod: float) -> bytes:
    rows = []
    for y in range(0, HEIGHT, step):
        # A wall is a little brighter at the top.
        wall = portrait.wall[channel] + (int(20 * (0.5 - y / HEIGHT)) if channel == 0 else 0)
        row = bytearray([wall]) * (WIDTH // step)
        for colour, left, right in _spans(portrait, y, sway, nod):
            first, last = (max(0, min(WIDTH, int(edge))) // step for edge in (left, right))
            row[first:last] = bytearray([colour[channel]]) * (last - first)
        rows.append(bytes(row))
    return b"".join(rows)


def _spans(portrait: Portrait, y: int, sway: float, nod: float) -> Iterator[tuple[Colour, float, float]]:
    """What stands before the wall in a row of pixels, the nearest last."""
    middle = WIDTH / 2 + sway
    ellipses = (
        (portrait.skin, middle - sway / 4, 226, 30, 46),
        (portrait.clothes, middle - sway / 2, HEIGHT + 60, 190, 150),
        (portrait.hair, middle, 128 + nod, 78, 92),
        (portrait.skin, middle, 148 + nod, 62, 78),
    )
    for colour, x, centre, wide, high in ellipses:
        share = 1 - ((y - centre) / high) ** 2
        if share > 0:
            half = wide * math.sqrt(share)
            yield colour, x - half, x + half
