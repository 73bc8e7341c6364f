"""Connecting with people: ask, accept, decline, part."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.accounts.account import Account, Identity
from domain.accounts.ports import AccountStore, BlockStore
from domain.accounts.requests import MailRequestStore, key_of
from domain.clock import Clock
from domain.connections.connection import Answer, Connection, ConnectionState, pair_of
from domain.connections.ports import ConnectionStore
from domain.errors import Code, Conflict, NotFound, RateLimited
from domain.ids import ConnectionId, UserId, new_id
from domain.notifications.ports import Notifier
from domain.ports import Transactions, Tx

#: Requests of one person that wait for an answer.
MAX_ASKED = 100


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A connection as one of the two sees it."""

    connection: Connection
    other: Account


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """One page, and the id to go on before."""

    items: Sequence[Acquaintance]
    next_before: ConnectionId | None


@dataclass(frozen=True, slots=True)
class ConnectionPorts:
    """What connecting needs."""

    transact: Transactions
    accounts: AccountStore
    blocks: BlockStore
    connections: ConnectionStore
    notifier: Notifier
    requests: MailRequestStore
    clock: Clock


class Connections:
    """Connections of people. Whoever is blocked, or blocks, is not found."""

    def __init__(self, ports: ConnectionPorts) -> None:
        self._ports = ports

    async def ask(self, who: Identity, other: UserId, message: str) -> Acquaintance:
        """Ask somebody; asking again changes nothing, and two who ask each other are connected.

        Raises:
            Conflict: OWN_ACCOUNT, or ILLEGAL_STATE: declined not long ago, or :data:`MAX_ASKED` wait already.
            NotFound: no such person, or a block stands between the two.
        """
        if other == who.user_id:
            raise Conflict("You know yourself already.", code=Code.OWN_ACCOUNT)
        return await self._ports.transact(lambda tx: self._ask(tx, who, other, message))

    async def _ask(self, tx: Tx, who: Identity, other: UserId, message: str) -> Acquaintance:
        ports, now = self._ports, self._ports.clock.now()
        mine, theirs = (
            await ports.accounts.get(tx, who.user_id),
            await self._reachable(tx, who.user_id, other),
        )
        mine.require_active()
        known = await ports.connections.between(tx, who.user_id, other)
        if known is None or known.state is ConnectionState.DECLINED:
            await self._require_few(tx, who.user_id)
        if known is not None:
            if known.ask_again(who.user_id, message, now):
                await ports.connections.save(tx, known)
                await self._tell_of_wish(tx, known, mine)
            return Acquaintance(known, theirs)
        connection = Connection(
            id=ConnectionId(new_id()),
            requester=who.user_id,
            addressee=other,
            pair=pair_of(who.user_id, other),
            people=(who.user_id, other),
            created_at=now,
            message=message,
        )
        await ports.connections.insert(tx, connection)
        await self._tell_of_wish(tx, connection, mine)
        return Acquaintance(connection, theirs)

    async def answer(self, who: Identity, connection_id: ConnectionId, answer: Answer) -> Acquaintance:
        """Accept or decline; the same answer again changes nothing. A refusal is not told.

        Raises:
            NotFound: none of the asker's, or a block stands between the two.
            Conflict: ILLEGAL_STATE, also for the one who asked.
        """

        async def work(tx: Tx) -> Acquaintance:
            ports = self._ports
            connection = await ports.connections.get(tx, connection_id)
            theirs = await self._reachable(tx, who.user_id, connection.other(who.user_id))
            if connection.answer(who.user_id, answer, ports.clock.now()):
                await ports.connections.save(tx, connection)
                if connection.state is ConnectionState.ACCEPTED:
                    await self._tell(tx, connection, await ports.accounts.get(tx, who.user_id))
            return Acquaintance(connection, theirs)

        return await self._ports.transact(work)

    async def part(self, who: Identity, connection_id: ConnectionId) -> None:
        """Withdraw a request, or end a connection; the other is not told. Whoever was declined cannot wipe that away.

        Raises:
            NotFound: none of the asker's.
            Conflict: ILLEGAL_STATE, declined by the other.
        """

        async def work(tx: Tx) -> None:
            connection = await self._ports.connections.get(tx, connection_id)
            connection.other(who.user_id)
            if connection.state is ConnectionState.DECLINED and connection.requester == who.user_id:
                raise Conflict(
                    "A declined request stays until you may ask again.",
                    details={"state": connection.state.value},
                )
            await self._ports.connections.delete(tx, connection)

        await self._ports.transact(work)

    async def page(
        self, who: Identity, *, state: ConnectionState | None, before: ConnectionId | None, limit: int
    ) -> ConnectionPage:
        """The asker's, newest first; those with a block in between, or with somebody suspended, are left out."""
        ports, mine = self._ports, who.user_id
        found = await ports.connections.page(mine, state=state, before=before, limit=limit + 1)
        shown = found[:limit]
        others = [one.other(mine) for one in shown]
        apart = await ports.blocks.apart(mine, others) if others else set()
        people = {one.id: one for one in await ports.accounts.find(others)} if others else {}
        items = [
            Acquaintance(one, people[other])
            for one, other in zip(shown, others, strict=True)
            if other not in apart and other in people and people[other].suspended_at is None
        ]
        return ConnectionPage(items, shown[-1].id if len(found) > limit else None)

    async def _reachable(self, tx: Tx, mine: UserId, other: UserId) -> Account:
        account = await self._ports.accounts.get(tx, other)
        if account.suspended_at is not None or await self._ports.blocks.between(tx, mine, other):
            raise NotFound("There is no such person.")
        return account

    async def _require_few(self, tx: Tx, requester: UserId) -> None:
        if await self._ports.connections.count_asked(tx, requester) >= MAX_ASKED:
            raise Conflict(
                f"{MAX_ASKED} of your requests wait for an answer; withdraw some first.",
                details={"limit": MAX_ASKED},
            )

    async def _tell_of_wish(self, tx: Tx, connection: Connection, by: Account) -> None:
        """Tell of a request once an hour: whoever asks and withdraws, again and again, does not ring a bell by it."""
        key = key_of("connection", f"{by.id}:{connection.other(by.id)}")
        told = await self._ports.requests.get(tx, key)
        try:
            told.take(self._ports.clock.wall(), allowed=1)
        except RateLimited:
            return
        await self._ports.requests.save(tx, told)
        await self._tell(tx, connection, by)

    async def _tell(self, tx: Tx, connection: Connection, by: Account) -> None:
        """Tell the other one what ``by`` did."""
        accepted = connection.state is ConnectionState.ACCEPTED
        await self._ports.notifier.notify(
            tx,
            connection.other(by.id),
            "connection_accepted" if accepted else "connection_requested",
            params={"connectionId": connection.id, "userId": by.id, "personName": by.name},
        )
