"""A message on its way to a person: mail or text message, written down in the transaction that causes it.

The words are made when it is sent, in the person's language, zone and locale of that moment: nothing of them is kept. Where
a link has to prove something, its token is derived then as well, and only its digest is stored.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.errors import Conflict
from domain.ids import MailId, NotificationId, UserId


class Way(StrEnum):
    """How it gets there."""

    EMAIL = "email"
    SMS = "sms"


class OutgoingState(StrEnum):
    """How far it got."""

    PENDING = "pending"
    SENT = "sent"  # the next server took it
    REFUSED = "refused"  # the next server refused it for good
    UNREACHABLE = "unreachable"  # no account, no proven address, no number: nobody to send it to
    EXPIRED = "expired"  # it could not be sent as long as it was worth reading
    TOO_MANY = "too_many"  # the person got enough mail for this hour
    NOT_CONFIGURED = "not_configured"  # this server has no way to send such messages


#: From where each state is reached: every end is final.
OUTGOING_MOVES: dict[OutgoingState, frozenset[OutgoingState]] = {
    OutgoingState.PENDING: frozenset(OutgoingState) - {OutgoingState.PENDING},
    **{state: frozenset() for state in OutgoingState if state is not OutgoingState.PENDING},
}


@dataclass(slots=True)
class Outgoing:
    """One message. ``kind`` and ``params`` choose and fill its words. Instants are wall time: mail travels in the real
    world."""

    id: MailId
    way: Way
    kind: str
    created_at: datetime
    #: not worth sending afterwards
    expires_at: datetime
    #: to a person, or to an address of which nobody knows yet whether a person has it
    user_id: UserId | None = None
    address: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    #: whose delivery this is
    notification_id: NotificationId | None = None
    state: OutgoingState = OutgoingState.PENDING
    ended_at: datetime | None = None
    #: somebody is sending it: nobody else does until then
    taken_until: datetime | None = None
    #: names the taking: what was taken together has one name
    taken_by: str | None = None
    tries: int = 0
    version: int = 0

    def end(self, state: OutgoingState, at: datetime) -> None:
        """Be done with it.

        Raises:
            Conflict: ILLEGAL_STATE, it is done already.
        """
        if state not in OUTGOING_MOVES[self.state]:
            raise Conflict(
                f"A message that is {self.state.value} cannot become {state.value}.",
                details={"from": self.state.value, "to": state.value},
            )
        self.state, self.ended_at, self.taken_until, self.taken_by = state, at, None, None
        # An address that may be nobody's is not kept.
        self.address = None
