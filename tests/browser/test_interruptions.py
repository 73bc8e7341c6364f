"""A call goes on through what happens to windows: a reload, a network that is gone, a media path that breaks, a server
that is renewed. Both sides are told in words, and nobody pays for a pause."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage
from tests.support.program import eventually
from tools.browser.talk import Talk, talking

BROKEN = re.compile("The line between you broke|No picture or sound comes through|lost the connection")


@pytest.fixture
async def sides(stage: Stage) -> tuple[Talk, Talk]:
    """The client's and the coach's side of a call that is going on, each at a server of their own."""
    coach, client = await stage.coach(at=1), await stage.client(at=0)
    await coach.goes_online()
    return await talking(client, coach)


async def test_a_reload_mid_call_resumes(stage: Stage, sides: tuple[Talk, Talk]) -> None:
    client, coach = sides
    before = await client.seconds()

    await client.window.page.reload()

    await client.begins()
    assert await client.seconds() >= before
    for side in sides:
        await side.sees_the_other_move()
        await side.goes_on()
    assert client.session_id == coach.session_id
    view = await stage.view(client.window, client.session_id)
    assert "lost" in [entry["what"] for entry in view["timeline"]]


async def test_a_lost_network_pauses_and_the_call_finds_a_new_way_by_an_ice_restart(
    stage: Stage, sides: tuple[Talk, Talk]
) -> None:
    client, coach = sides
    coach.window.complaints.expect("WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load")
    await coach.window.network.cut()

    await client.says(BROKEN)
    await client.window.reads("The meter stands still; nobody is charged.")
    await coach.says("This device is offline")
    await coach.window.reads("The meter stands still until it is back.")
    await eventually(lambda: stage.paused(client.session_id))
    assert await stage.generation(client.session_id) == 0

    # The server is reached again, by a network on which the old way to the other browser is dead.
    await coach.window.network.lose_media()
    stood = await client.seconds()
    await eventually(lambda: stage.generation(client.session_id))
    for side in sides:
        await side.says(BROKEN)
    assert await client.seconds() == stood
    await coach.window.network.give_back()

    for side in sides:
        await side.talks()
        await side.sees_the_other_move()
        await side.goes_on()


async def test_a_server_that_is_renewed_leaves_the_call_alone(stage: Stage, sides: tuple[Talk, Talk]) -> None:
    coach = sides[1]
    coach.window.complaints.expect("WebSocket|ERR_CONNECTION_REFUSED|Failed to load|503")
    restarts = stage.program.servers[1].restarts
    await stage.drain(1)
    await coach.window.reads(re.compile("The server is being renewed"))
    await eventually(lambda: stage.renewed(1, since=restarts), seconds=60)
    for side in sides:
        await side.talks()
        await side.goes_on()
        await side.sees_the_other_move()
    await expect(coach.window.page.get_by_text("The server is being renewed")).to_have_count(0)
