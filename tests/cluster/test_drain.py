"""Both server processes are replaced while people talk: no call ends, no event is lost, nothing is billed twice."""

import asyncio

from domain.ids import SessionId
from loadtests.drain.people import Couple, Who
from loadtests.drain.roll import through
from tests.cluster.workers import two_workers
from tests.support.program import Program

#: A load run (`python -m loadtests.drain`) does the same with hundreds.
CALLS = 12
#: Seconds: the meter's rounding, and how late an event may be at whoever measures it, on a machine that is busy.
SLACK = 5.0


async def test_a_rolling_restart_costs_a_call_no_more_than_the_gap_until_its_next_proof(
    program: Program,
) -> None:
    async with two_workers(program) as cluster:
        couples = []
        for _ in range(CALLS):
            client, coach = await asyncio.gather(program.client(), program.coach())
            whos = Who(client.tokens.access_token), Who(coach.tokens.access_token, coach.coach_id)
            couples.append(Couple.of(cluster.url, *whos))

        found = await through(couples, cluster.roll, print, talk=1.0)

    assert found.faults == ()
    assert (found.calls, found.moves >= 4 * CALLS) == (CALLS, True)
    assert found.overbilled <= SLACK
    assert found.beyond_gap <= SLACK
    sessions = [SessionId(couple.session_id) for couple in couples]
    for call in await program.inside.stores.calls.find(sessions):
        for side in (call.caller, call.callee):
            bounds = [instant for one in side.intervals for instant in (one.start, one.end)]
            assert bounds == sorted(bounds), "an interval begins before the one before it has ended"
            assert len(side.intervals) > 1, "nobody went on proving after the move"
