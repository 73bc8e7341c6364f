"""Not wanting to meet somebody."""

from domain.accounts.account import Identity
from domain.accounts.ports import AccountStore, BlockStore
from domain.clock import Clock
from domain.errors import Code, Conflict
from domain.ids import UserId
from domain.ports import Transactions, Tx

#: Blocks of one person. Lists leave out everybody concerned, so that each block makes each of one's searches dearer;
#: nobody meets a thousand people whom they never want to meet again.
MAX_BLOCKS = 1000


class Blocks:
    """Blocks and unblocks. The blocked person is not told; each disappears from the other's lists."""

    def __init__(
        self, transact: Transactions, accounts: AccountStore, blocks: BlockStore, clock: Clock
    ) -> None:
        self._transact = transact
        self._accounts = accounts
        self._blocks = blocks
        self._clock = clock

    async def block(self, who: Identity, other: UserId) -> None:
        """Block; a second time changes nothing.

        Raises:
            Conflict: OWN_ACCOUNT, or ILLEGAL_STATE with :data:`MAX_BLOCKS` others blocked already.
            NotFound: no such person.
        """
        if other == who.user_id:
            raise Conflict("You cannot block yourself.", code=Code.OWN_ACCOUNT)

        async def work(tx: Tx) -> None:
            await self._accounts.get(tx, other)
            if await self._blocks.count(tx, who.user_id, other) >= MAX_BLOCKS:
                raise Conflict(
                    f"You have blocked {MAX_BLOCKS} people; unblock somebody first.",
                    details={"limit": MAX_BLOCKS},
                )
            await self._blocks.add(tx, who.user_id, other, self._clock.wall())

        await self._transact(work)

    async def unblock(self, who: Identity, other: UserId) -> None:
        """Take a block back; nothing happens if there was none."""

        async def work(tx: Tx) -> None:
            await self._blocks.remove(tx, who.user_id, other)

        await self._transact(work)
