"""A call between two real browsers over the real program, by the client's modules alone."""

import asyncio

from playwright.async_api import Browser

from tests.web.pages import HELD, ClientPage, seated_at
from tests.web.talk import Talk

#: Milliseconds between two readings of a connection (web/client/media-link.js).
SAMPLE_EVERY = 5000
#: What was heard last of the way between the two: that it is not there.
UNCONNECTED = "() => heard.findLast(([name]) => name === 'connection')?.[1].state !== 'connected'"


async def test_a_call_from_ring_to_end(talk: Talk) -> None:
    await talk.live()
    first = await talk.at_client.run("() => call.billableNow()")
    # A sample is what came between two readings.
    await talk.at_client.early(SAMPLE_EVERY)
    await talk.at_client.frames_advance()
    await talk.at_client.early(SAMPLE_EVERY)
    sample = await talk.at_client.until("quality")
    later = await talk.at_client.run("() => call.billableNow()")
    await talk.at_coach.run("() => call.end()")
    ended = [await page.until("ended") for page in talk.pages]

    assert 0 < first < later < 900
    assert sample["bitrateIn"] > 0
    assert ended[0] == ended[1]
    assert (ended[0]["reason"], ended[0]["billableSeconds"] >= int(first)) == ("ended_by_coach", True)
    for page in talk.pages:
        await page.until("payment_update")
        assert await page.heard("trouble") == []
        assert await page.run("() => [call.closed, call.remote.getTracks().length, media.getTracks()[0].readyState]") == [
            True, 0, "live",
        ]  # fmt: skip


async def test_a_restart_of_ice_by_both_at_once_goes_unnoticed(talk: Talk) -> None:
    await talk.live()
    await asyncio.gather(*(page.run("() => call.restartIce()") for page in talk.pages))
    for page in talk.pages:
        # A sample is what came between two readings.
        await page.early(SAMPLE_EVERY)
        await page.frames_advance()
        await page.early(SAMPLE_EVERY)
        await page.until("quality")
        assert await page.heard("paused") == []
        assert await page.run("() => streams.size") == 1


async def test_a_reload_in_the_middle_of_a_call_goes_on_with_it(talk: Talk) -> None:
    await talk.live()
    device = await talk.at_client.run("() => rapport.device")
    await talk.at_client.load()
    await talk.at_client.connect()
    joined = await talk.at_client.join(talk.session)
    await talk.back()

    assert [paused["reason"] for paused in await talk.at_coach.heard("paused")] == ["socket_lost"]
    assert (joined["role"], joined["peerPresent"]) == ("caller", True)
    assert await talk.at_client.run("() => rapport.device") == device
    assert await talk.at_coach.run("() => streams.size") == 1


async def test_a_lost_socket_is_replaced_while_media_goes_on(talk: Talk) -> None:
    await talk.live()
    await talk.at_client.run("() => { window.before = call.remote.getVideoTracks()[0].id; }")
    await talk.at_client.lose_sockets()
    await talk.back()

    assert await talk.at_client.run("() => call.remote.getVideoTracks()[0].id === before")
    connections = [told["state"] for told in await talk.at_client.heard("connection")]
    assert connections.count("connected") == 1


async def test_media_that_is_lost_pauses_the_call_for_both_and_comes_back(talk: Talk) -> None:
    await talk.live()
    clock = asyncio.get_running_loop().time
    lost = clock()
    await talk.at_client.network.lose_media()
    for page in talk.pages:
        await page.until_state("paused")
    covered = [
        await page.run("() => [call.covered, media.getTracks().map((track) => track.enabled)]")
        for page in talk.pages
    ]
    left = await talk.at_client.run("() => call.graceSecondsLeft()")
    took = clock() - lost
    await talk.at_client.network.give_back()
    await talk.back()

    assert covered == [[True, [False, False]]] * 2
    # Of 45 seconds; a pause may begin with the last proof before the loss.
    assert 35 - took < left < 46
    assert await talk.at_client.run("() => media.getTracks().every((track) => track.enabled)")


async def test_a_network_that_is_cut_and_given_back_is_recovered_from(talk: Talk) -> None:
    await talk.live()
    await talk.at_client.network.cut()
    await talk.at_coach.until_state("paused")
    await talk.at_client.page.wait_for_function(UNCONNECTED)
    await talk.at_client.network.give_back()
    await talk.back()


async def test_another_device_takes_the_seat_and_the_first_is_out(talk: Talk, browser: Browser) -> None:
    await talk.live()
    second = await seated_at(browser, talk.client, talk.program.urls[0])
    try:
        await second.join(talk.session)
        taken = await talk.at_client.until("seat-taken")
        await second.until_state("live")
        await second.frames_advance()
        device = await second.run("() => rapport.device")
    finally:
        await second.page.context.close()

    assert taken["deviceId"] == device
    assert await talk.at_client.run("() => call.closed")


async def test_a_call_that_ended_while_we_were_away_is_read(talk: Talk) -> None:
    await talk.live()
    talk.at_client.through = False
    await talk.at_client.lose_sockets()
    await talk.at_coach.until("paused")
    await talk.at_coach.run("() => call.end()")
    told = await talk.at_coach.until("ended")
    await talk.at_client.let_through()
    read = await talk.at_client.until("ended")

    assert read == told
    assert read["reason"] == "ended_by_coach"


async def test_leaving_gives_everything_back(talk: Talk) -> None:
    await talk.accepted()
    page = talk.at_client
    await page.run("() => rapport.prepareCall()")
    before = await page.run(HELD)
    await asyncio.gather(*(one.join(talk.session) for one in talk.pages))
    await page.until("started")
    await page.run("() => call.leave()")
    await talk.at_coach.until("peer-left")
    # Questions that were open have been answered, or given up.
    await page.page.wait_for_function(f"(before) => String(({HELD})()) === String(before)", arg=before)

    assert await page.run("() => call.closed")


async def test_signing_out_ends_everything_in_every_tab(talk: Talk) -> None:
    other = await ClientPage.open(talk.at_client.page.context)
    await other.connect()
    await talk.at_client.run("() => rapport.accounts.signOut()")
    await other.until("account-change")
    for tab in (other, talk.at_client):
        await tab.page.wait_for_function("() => rapport.notifications.state === 'closed'")
    nobody = [await page.run("() => rapport.accounts.current") for page in (other, talk.at_client)]

    assert nobody == [None, None]
