"""Coroutines that start at once, in the caller's stack, and become tasks only if they wait.

Most events are handled without waiting for anything: a signal is judged and passed on. Giving each a task costs a trip through
the event loop (docs/decisions/0025-engine.md), so the first step is made right here. asyncio must not notice: whatever asks for
the current task in that step (``asyncio.timeout``, ``TaskGroup``) has to get the task that will go on with the coroutine. So a
*host* task is kept waiting; the first step runs under its identity, and if the coroutine waits, the host carries it on.

A host is used again when the first step was the last. So a coroutine that ended without waiting must not leave its task to
others: who cancels that later, cancels what the host carries then.

``asyncio.Task(eager_start=True)`` does the same from Python 3.12 on, at the price of one task for every event.
"""

import asyncio
from asyncio.tasks import _enter_task, _leave_task  # documented for task implementations: "Extending asyncio"
from collections.abc import Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any

Work = Coroutine[Any, Any, None]

#: Seconds for what is cancelled at the very end.
_UNWINDING = 1.0


class Eager:
    """Starts coroutines of one event loop."""

    def __init__(self) -> None:
        self._spare: list[_Host] = []
        self._stopped = False
        #: what was started and goes on
        self.running: set[asyncio.Task[None]] = set()

    def start(self, work: Work) -> "asyncio.Task[None] | None":
        """Run ``work`` up to its first wait. None: it has ended; otherwise the task that goes on with it.

        ``work`` sees to its own exceptions: what it raises in its first step is raised here.
        """
        if self._stopped:
            work.close()
            return None
        loop = asyncio.get_running_loop()
        host = self._host(loop)
        context = copy_context()
        task, outer = host.task, asyncio.current_task(loop)
        if outer is not None:
            _leave_task(loop, outer)
        _enter_task(loop, task)
        try:
            first = context.run(work.send, None)
        except BaseException as ended:
            self._put_back(host)
            if isinstance(ended, StopIteration | asyncio.CancelledError):
                return None
            raise
        finally:
            _leave_task(loop, task)
            if outer is not None:
                _enter_task(loop, outer)
        host.carry_on(_Rest(work, first, context))
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return task

    async def finish(self, *patience: float) -> None:
        """Wait until nothing goes on. What still does after each of these times, in seconds, is cancelled; what waited for its
        turn behind it has the next. Then nothing is started any more."""
        loop = asyncio.get_running_loop()
        for seconds in patience:
            until = loop.time() + seconds
            while (others := self._others()) and (left := until - loop.time()) > 0:
                await asyncio.wait(others, timeout=left)
            for task in self._others():
                task.cancel()
        self.stop()
        if others := self._others():
            await asyncio.wait(others, timeout=_UNWINDING)

    def _others(self) -> set[asyncio.Task[Any]]:
        """What goes on, but for who asks: it may have been started here, too."""
        return self.running - {asyncio.current_task()}

    def stop(self) -> None:
        """Start nothing any more, and end the hosts that wait."""
        self._stopped = True
        for host in self._spare:
            host.task.cancel()
        self._spare.clear()

    def _host(self, loop: asyncio.AbstractEventLoop) -> "_Host":
        """One that waits; more than one is needed only when what is started starts something itself."""
        while self._spare:
            host = self._spare.pop()
            if host.loop is loop and not host.task.done():
                return host
        return _Host(loop)

    def _put_back(self, host: "_Host") -> None:
        task = host.task
        if task.cancelling() or host.given or getattr(task, "_must_cancel", False):
            return  # cancelled by the very coroutine that ran under its name; it ends by itself
        self._spare.append(host)


class _Host(Coroutine[Any, Any, None]):
    """The coroutine of a task that waits to be given the rest of another coroutine.

    An object rather than an ``async def`` for one reason: a task that is cancelled before its first step throws into its
    coroutine before that has begun, and an ``async def`` cannot catch that.
    """

    __slots__ = ("_begun", "_given", "_rest", "_steps", "loop", "task")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._given: asyncio.Future[None] = loop.create_future()
        self._rest: _Rest | None = None
        self._begun = False
        self._steps = self._run()
        self.task: asyncio.Task[None] = loop.create_task(self)

    @property
    def given(self) -> bool:
        """Whether it waits no more."""
        return self._given.done()

    @property
    def __name__(self) -> str:
        """What asyncio calls it in messages and stacks."""
        return "eager host"

    def carry_on(self, rest: "_Rest") -> None:
        self._rest = rest
        if not self._given.done():
            self._given.set_result(None)

    async def _run(self) -> None:
        try:
            await self._given
        except asyncio.CancelledError as cancelled:
            if self._rest is None:
                raise
            # Cancelled by its own first step: the coroutine has to hear of it, not we.
            self._rest.cancelled = cancelled
        rest, self._rest = self._rest, None
        if rest is not None:
            await rest

    def send(self, value: Any) -> Any:
        self._begun = True
        return self._steps.send(value)

    def throw(self, *error: Any) -> Any:
        if not self._begun and self._rest is not None:
            thrown = error[0]
            self._rest.cancelled = thrown if isinstance(thrown, BaseException) else thrown()
            return self.send(None)
        return self._steps.throw(*error)

    def close(self) -> None:
        self._steps.close()

    def __await__(self) -> Generator[Any, Any, None]:
        return self._steps.__await__()


class _Rest:
    """A coroutine that was started, from its first wait on; each step in the context of the first."""

    __slots__ = ("cancelled", "context", "first", "work")

    def __init__(self, work: Work, first: object, context: Context) -> None:
        self.work = work
        self.first = first
        self.context = context
        self.cancelled: BaseException | None = None

    def __await__(self) -> Generator[Any, Any, None]:
        run, work = self.context.run, self.work
        try:
            awaited = self.first if self.cancelled is None else run(work.throw, self.cancelled)
            while True:
                try:
                    sent = yield awaited
                except GeneratorExit:
                    work.close()
                    raise
                except BaseException as error:
                    awaited = run(work.throw, error)
                else:
                    awaited = run(work.send, sent)
        except StopIteration:
            return
