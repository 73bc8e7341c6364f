"""Whether a coach can be called: the wish, the proof of a socket, and the end of a cooldown."""

from collections.abc import Sequence
from datetime import timedelta

from domain.accounts.account import Identity, Role
from domain.accounts.ports import AccountStore, BlockStore
from domain.calls.flow import CallFlow
from domain.coaching.coach import ABSENCE_SECONDS, ClaimState, Coach, Status, Wish
from domain.coaching.ports import CoachStore, PresenceStore
from domain.errors import Code, Forbidden
from domain.events import CoachStatusChanged
from domain.ids import CoachId, UserId
from domain.money import Money
from domain.ports import Transactions, Tx
from domain.timers import TimerKind


class CoachPresence:
    """Presence is durable only for coaches who wish to be online."""

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: CallFlow,
        accounts: AccountStore,
        blocks: BlockStore,
        coaches: CoachStore,
        presence: PresenceStore,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._accounts = accounts
        self._blocks = blocks
        self._coaches = coaches
        self._presence = presence

    async def set_status(self, who: Identity, wish: Wish, rate: Money | None) -> CoachStatusChanged:
        """The coach goes online or offline, perhaps at another rate. The socket that asks is a proof of presence.

        Raises:
            Forbidden: not a coach, not verified yet, or suspended.
            Invalid: a rate that is no price, or in another currency than the coach's.
        """

        async def work(tx: Tx) -> CoachStatusChanged:
            coach = await self._own(tx, who)
            now = self._flow.clock.now()
            before = _shown(coach, self._flow)
            if rate is not None and rate != coach.rate_per_minute:
                coach.set_rate(rate)
                before = ""  # a new rate is news to the watchers, whatever the status
            coach.wish, coach.missed_in_a_row = wish, 0
            if wish is Wish.ONLINE:
                coach.absent_since = None
                await self._presence.add(tx, self._flow.process, who.user_id, now)
                tx.disarm(TimerKind.COACH_ABSENT, who.user_id)
            await self._save(tx, coach, before)
            return coach.status_event(now, self._flow.absence)

        return await self._transact(work)

    async def _own(self, tx: Tx, who: Identity) -> Coach:
        if who.role is not Role.COACH:
            raise Forbidden("Only coaches have a status.")
        (await self._accounts.get(tx, who.user_id)).require_active()
        coach = await self._coaches.of_user(tx, who.user_id)
        if coach is None:
            raise Forbidden("Only coaches have a status.")
        if not coach.verified:
            raise Forbidden("Your coach profile is not verified yet.", code=Code.ACCOUNT_UNVERIFIED)
        return coach

    async def statuses(self, coach_ids: Sequence[CoachId]) -> list[CoachStatusChanged]:
        """What watchers see of these coaches now; unknown ones are left out."""
        now = self._flow.clock.now()
        return [coach.status_event(now, self._flow.absence) for coach in await self._coaches.find(coach_ids)]

    async def shown_to(self, who: Identity, coach_ids: Sequence[CoachId]) -> list[CoachStatusChanged]:
        """The same for somebody: whoever blocked them, or was blocked by them, is as unknown."""
        found = await self._coaches.find(coach_ids)
        apart = await self._blocks.apart(who.user_id, [coach.user_id for coach in found])
        now = self._flow.clock.now()
        return [coach.status_event(now, self._flow.absence) for coach in found if coach.user_id not in apart]

    async def arrived(self, user_id: UserId) -> None:
        """A coach's first socket on this process: back from an absence, if the wish still stands."""

        async def work(tx: Tx) -> None:
            coach = await self._coaches.of_user(tx, user_id)
            if coach is None or coach.wish is not Wish.ONLINE:
                return
            before = _shown(coach, self._flow)
            await self._presence.add(tx, self._flow.process, user_id, self._flow.clock.now())
            tx.disarm(TimerKind.COACH_ABSENT, user_id)
            if coach.absent_since is not None:
                coach.absent_since = None
                await self._save(tx, coach, before)

        await self._transact(work)

    async def left(self, user_id: UserId, process: str | None = None) -> None:
        """A coach's last socket on a process (this one, unless somebody noticed that another died)."""

        async def work(tx: Tx) -> None:
            await self._presence.remove(tx, process or self._flow.process, user_id)
            coach = await self._coaches.of_user(tx, user_id)
            if coach is None or coach.wish is not Wish.ONLINE or coach.absent_since is not None:
                return
            if await self._presence.anywhere(tx, user_id):
                return
            now = self._flow.clock.now()
            coach.absent_since = now
            # Watchers still see the coach online: most absences are a reload.
            await self._coaches.save(tx, coach)
            tx.arm(TimerKind.COACH_ABSENT, user_id, now + self._flow.real(ABSENCE_SECONDS))

        await self._transact(work)

    async def absent(self, user_id: UserId) -> None:
        """The absence lasted: watchers see the coach offline until a socket is back."""

        async def work(tx: Tx) -> None:
            coach = await self._coaches.of_user(tx, user_id)
            if coach is None or coach.absent_since is None or coach.wish is not Wish.ONLINE:
                return
            now = self._flow.clock.now()
            # Busy outranks absence, and its end tells what comes after; a reservation is not shown, so it hides nothing.
            if coach.status(now, self._flow.absence) is not Status.OFFLINE:
                return
            coach.status_since = now
            await self._save(tx, coach, "")

        await self._transact(work)

    async def cooled_down(self, coach_id: CoachId) -> None:
        """The cooldown after a call is over: bookable again, if the wish and a socket are there."""

        async def work(tx: Tx) -> None:
            coach = await self._coaches.get(tx, coach_id)
            if coach.claim is None or coach.claim.state is not ClaimState.COOLDOWN:
                return
            due = coach.claim.since + timedelta(seconds=self._flow.terms.cooldown)
            if due > self._flow.clock.now():
                # This timer is of an earlier call.
                tx.arm(TimerKind.COOLDOWN, coach_id, due)
                return
            before = _shown(coach, self._flow)
            coach.claim = None
            await self._save(tx, coach, before)

        await self._transact(work)

    async def _save(self, tx: Tx, coach: Coach, before: str) -> None:
        await self._flow.save_coach(tx, coach, before)


def _shown(coach: Coach, flow: CallFlow) -> str:
    return coach.status(flow.clock.now(), flow.absence).value
