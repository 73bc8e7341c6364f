"""Two people who know each other: one of them asks, the other accepts or declines."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Code, Conflict, NotFound
from domain.ids import ConnectionId, UserId

#: Whoever was declined may ask the same person again after this (domain time).
ASK_AGAIN = timedelta(days=30)


class ConnectionState(StrEnum):
    """How far it got."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Answer(StrEnum):
    """What the person who was asked makes of it."""

    ACCEPT = "accept"
    DECLINE = "decline"


#: (state, answer) → state; whatever is not here is refused.
CONNECTION_MOVES = {
    (ConnectionState.PENDING, Answer.ACCEPT): ConnectionState.ACCEPTED,
    (ConnectionState.PENDING, Answer.DECLINE): ConnectionState.DECLINED,
    # Having second thoughts is no reason to make the other ask again.
    (ConnectionState.DECLINED, Answer.ACCEPT): ConnectionState.ACCEPTED,
}


@dataclass(slots=True)
class Connection:
    """One per pair of people, whoever asked. Domain time."""

    id: ConnectionId
    requester: UserId
    addressee: UserId
    #: both, in order: by it the one connection of two people is found
    pair: str
    people: tuple[UserId, UserId]
    created_at: datetime
    state: ConnectionState = ConnectionState.PENDING
    message: str = ""
    answered_at: datetime | None = None
    version: int = 0

    def other(self, user_id: UserId) -> UserId:
        """Who is at the other end.

        Raises:
            NotFound: ``user_id`` is neither.
        """
        if user_id not in self.people:
            raise NotFound("There is no such connection.")
        return self.people[0] if self.people[1] == user_id else self.people[1]

    def answer(self, user_id: UserId, answer: Answer, at: datetime) -> bool:
        """Accept or decline; whether that changed anything. Only the person who was asked may.

        Raises:
            NotFound: somebody else's.
            Conflict: ILLEGAL_STATE, also for the one who asked.
        """
        self.other(user_id)
        if user_id != self.addressee:
            raise Conflict("The other person has to answer this.", details={"state": self.state.value})
        wanted = CONNECTION_MOVES.get((self.state, answer))
        settled = ConnectionState.ACCEPTED if answer is Answer.ACCEPT else ConnectionState.DECLINED
        if self.state is settled:
            return False
        if wanted is None:
            raise Conflict(
                f"A connection that is {self.state.value} cannot be {settled.value}.",
                details={"from": self.state.value, "to": settled.value},
            )
        self.state, self.answered_at = wanted, at
        return True

    def ask_again(self, requester: UserId, message: str, at: datetime) -> bool:
        """Somebody asks although there is a connection: whether that changed anything.

        Two people who ask each other are connected; whoever declined may ask; whoever was declined waits.

        Raises:
            Conflict: ILLEGAL_STATE, declined not long ago; ``again_at`` says when to come again.
        """
        mine = requester == self.requester
        if self.state is ConnectionState.ACCEPTED or (self.state is ConnectionState.PENDING and mine):
            return False
        if self.state is ConnectionState.PENDING:
            return self.answer(requester, Answer.ACCEPT, at)
        again_at = (self.answered_at or self.created_at) + ASK_AGAIN
        if mine and at < again_at:
            raise Conflict(
                "This person declined; you may ask again later.",
                code=Code.ILLEGAL_STATE,
                details={"state": self.state.value, "again_at": again_at.isoformat()},
            )
        self.addressee, self.requester = self.other(requester), requester
        self.state, self.message, self.created_at, self.answered_at = (
            ConnectionState.PENDING,
            message,
            at,
            None,
        )
        return True


def pair_of(one: UserId, other: UserId) -> str:
    """The same for both of two people."""
    low, high = sorted((one, other))
    return f"{low}:{high}"
