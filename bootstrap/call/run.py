"""One call from an address, or from nothing, to a result."""

from contextlib import AsyncExitStack

from bootstrap.call.errors import CallError
from bootstrap.call.scenario import ROADS
from bootstrap.call.screen import Quiet, Screen
from bootstrap.call.stage import on_stage
from bootstrap.call.story import Address, CallOptions, CallResult, Place, Start, Story


async def run_call(
    options: CallOptions, *, start: Start | None = None, screen: Screen | None = None
) -> CallResult:
    """Show one call and say what came of it.

    ``start`` gives a server of our own when ``options.url`` is None. What goes wrong between client and server is in the
    result, not raised; what goes wrong when a server is started is raised as it is.

    Raises:
        ValueError: neither a URL nor a way to start a server.
    """
    screen = screen or Quiet()
    result = CallResult(options.road)
    story = Story(screen.show)
    screen.begin(options)
    async with AsyncExitStack() as stack:
        place = await _place(options, start, story, stack)
        result.url = place.url
        try:
            async with on_stage(place, options, story, result) as stage:
                await ROADS[options.road](stage)
        except CallError as error:
            result.error, result.error_code = str(error), error.code
        result.moments = story.moments
        screen.finish(result)
    return result


async def _place(options: CallOptions, start: Start | None, story: Story, stack: AsyncExitStack) -> Place:
    if options.url is not None:
        return Address(options.url.rstrip("/"), options.sandbox_url)
    if start is None:
        raise ValueError("Say where the server is, or how to start one.")
    speed = options.clock_speed
    story.tell("server", f"starting stores, sandbox, server and worker; clock ×{speed:g}")
    place = await stack.enter_async_context(start(speed))
    story.tell("server", f"ready at {place.url}")
    return place
