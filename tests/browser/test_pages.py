"""Every page at a phone's and a desk's width, light and dark: no barrier, nothing that sticks out or jumps."""

from tests.browser.manners import faults_of
from tests.browser.stage import Stage

OPEN_TO_ALL = ("/about", "/docs")


async def test_the_pages_that_need_no_account(stage: Stage) -> None:
    assert await faults_of(await stage.window(), OPEN_TO_ALL) == ""
