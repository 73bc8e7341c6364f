"""A person's tone and picture are recognised, and silence and black are not."""

import asyncio

import pytest

from bootstrap.call.media import BLACK, CLIENT, COACH, Audience, Likeness, Studio, pitch, shade


@pytest.mark.parametrize("person", [COACH, CLIENT])
async def test_a_person_sounds_and_looks_like_themselves(person: Likeness) -> None:
    microphone, camera = Studio(person).tracks()

    heard, seen = pitch(await microphone.recv()), shade(await camera.recv())

    assert heard == person.tone
    assert seen == person.shade


async def test_a_covered_studio_sends_silence_and_black() -> None:
    studio = Studio(COACH)
    microphone, camera = studio.tracks()

    studio.covered = True

    assert pitch(await microphone.recv()) == 0
    assert shade(await camera.recv()) == BLACK


async def test_a_stalled_studio_sends_nothing_and_goes_on_without_a_burst() -> None:
    studio = Studio(COACH)
    microphone, _ = studio.tracks()
    before = (await microphone.recv()).pts
    studio.stall()
    frame = asyncio.create_task(microphone.recv())
    silent, _ = await asyncio.wait({frame}, timeout=0.2)

    studio.flow()

    assert not silent
    assert (await frame).pts - before >= 0.2 * 48_000


async def test_frames_of_somebody_else_are_counted_but_not_recognised() -> None:
    studio, audience = Studio(COACH), Audience(of=CLIENT)
    tracks = studio.tracks()

    for track in tracks:
        audience.attend(track)
    async with asyncio.timeout(20):
        while not (audience.received.audio and audience.received.video):  # noqa: ASYNC110 - counters
            await asyncio.sleep(0.02)
    await audience.leave()

    assert (audience.received.voice, audience.received.face) == (0, 0)
    assert not audience.received.recognised
