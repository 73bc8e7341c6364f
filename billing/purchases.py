"""Paying for a purchase: what a client asks for. Who may, what it costs and for what is read here, never from a request.

A purchase has a payment for every try. While one is undecided, asking again the same way answers that one; another way (another
card, the hosted page) gives it up first. :class:`Charges` talks to the gateway.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from billing.authorizations import LOOK_UP_AFTER, StillUnknown
from billing.charges import Charges
from billing.sales import SalePorts
from domain.accounts.account import Account, Identity
from domain.accounts.ports import AccountStore
from domain.clock import real_seconds
from domain.errors import Code, Invalid, NotFound, PaymentRefused, Unavailable
from domain.ids import OperationId, PaymentId, PaymentMethodId, UserId, new_id
from domain.payments.cards import Card, CardStore
from domain.payments.gateway import GatewayRefused, GatewayUnknown, PaymentGateway
from domain.payments.operations import GatewayOperation, OperationKind
from domain.payments.payment import Payment, PaymentState, Way
from domain.payments.purchases import Purchase, Subject
from domain.ports import Tx
from domain.timers import TimerKind


@dataclass(frozen=True, slots=True)
class Begun:
    """The payment that somebody asked for: a new one, or the one that is undecided already."""

    payment_id: PaymentId
    fresh: bool


class Purchases:
    """Begins payments of purchases, and answers how they stand."""

    def __init__(
        self,
        ports: SalePorts,
        charges: Charges,
        gateway: PaymentGateway,
        accounts: AccountStore,
        cards: CardStore,
    ) -> None:
        self._ports = ports
        self._charges = charges
        self._gateway = gateway
        self._accounts = accounts
        self._cards = cards

    async def pay_by_card(self, who: Identity, subject: Subject, card_id: PaymentMethodId | None) -> Payment:
        """Take the price from a saved card; None is the default one. CREATED means that the gateway did not answer yet.

        Raises:
            NotFound: no such thing, or not the asker's to pay.
            Conflict: nothing to pay (any more).
            Forbidden: ACCOUNT_UNVERIFIED or ACCOUNT_SUSPENDED.
            Invalid: NO_PAYMENT_METHOD, not one of the asker's cards.
            PaymentRefused: the card was refused; ``details.reason`` is the gateway's code.
        """

        async def work(tx: Tx) -> Begun:
            account = await self._accounts.get(tx, who.user_id)
            account.require_may_pay()
            purchase = await self._purchase(tx, who.user_id, subject)
            card = await self._cards.chosen(tx, who.user_id, card_id)
            if card is None or account.gateway_customer is None:
                raise Invalid(
                    "Please save a card first, or choose one of yours.", code=Code.NO_PAYMENT_METHOD
                )
            return await self._begin(tx, purchase, account, account.gateway_customer, card)

        payment = await self._pay(work)
        if payment.state is PaymentState.FAILED:
            raise PaymentRefused(
                "Your card was refused.", details={"reason": payment.failure or "", "paymentId": payment.id}
            )
        return payment

    async def open_checkout(self, who: Identity, subject: Subject) -> Payment:
        """Open the gateway's own page to pay at, or find the one that is open.

        Raises:
            NotFound: no such thing, or not the asker's to pay.
            Conflict: nothing to pay (any more).
            Forbidden: ACCOUNT_UNVERIFIED or ACCOUNT_SUSPENDED.
            PaymentRefused: the gateway does not open one.
            Unavailable: the gateway did not answer; repeating the request is safe.
        """
        customer = await self._customer(who, subject)

        async def work(tx: Tx) -> Begun:
            account = await self._accounts.get(tx, who.user_id)
            account.require_may_pay()
            purchase = await self._purchase(tx, who.user_id, subject)
            return await self._begin(tx, purchase, account, account.gateway_customer or customer, None)

        payment = await self._pay(work)
        if payment.state is PaymentState.FAILED:
            raise PaymentRefused("The payment page cannot be opened.", details={"paymentId": payment.id})
        if payment.page is None and payment.undecided:
            raise Unavailable("The payment gateway did not answer; please try again.")
        return payment

    async def confirm(self, who: Identity, payment_id: PaymentId) -> Payment:
        """The client says that they paid. Only the gateway is believed: it is read again.

        Raises:
            NotFound: no such payment of the asker.
        """
        payment = await self._ports.payments.find(payment_id)
        if payment is None or payment.payer != who.user_id:
            raise NotFound("There is no such payment.")
        if payment.purchase is None:
            return payment
        return await self._looked_up(payment_id)

    # --- beginning ------------------------------------------------------------------------------------------------

    async def _purchase(self, tx: Tx, payer: UserId, subject: Subject) -> Purchase:
        return await self._ports.sellables[subject.kind].purchase(tx, payer, subject.id)

    async def _begin(
        self, tx: Tx, purchase: Purchase, account: Account, customer: str, card: Card | None
    ) -> Begun:
        way = Way.CHECKOUT if card is None else Way.CARD
        wanted = await self._same(tx, purchase, card)
        if wanted is not None:
            return Begun(wanted.id, fresh=False)
        now, wall = self._ports.clock.now(), self._ports.clock.wall()
        payment = Payment(
            id=PaymentId(new_id()),
            payer=purchase.payer,
            coach_id=purchase.coach_id,
            session_id=None,
            currency=purchase.amount.currency,
            created_at=now,
            amount=purchase.amount.amount,
            purchase=purchase,
            way=way,
            card=card.id if card else None,
            operation_id=OperationId(new_id()),
            billing_country=account.billing_country,
        )
        operation = GatewayOperation(
            id=payment.operation_id or OperationId(""),
            amount=purchase.amount,
            customer=customer,
            created_at=wall,
            kind=OperationKind.CHECKOUT if card is None else OperationKind.CHARGE,
            payment_id=payment.id,
            card=card.id if card else None,
            gateway_card=card.gateway_id if card else "",
        )
        await self._ports.operations.insert(tx, operation)
        await self._ports.payments.insert(tx, payment)
        await self._ports.sellables[purchase.subject.kind].begun(tx, purchase.subject.id, payment.id)
        look_up = now + real_seconds(self._ports.clock, LOOK_UP_AFTER)
        tx.arm(TimerKind.PURCHASE, payment.id, look_up)
        return Begun(payment.id, fresh=True)

    async def _same(self, tx: Tx, purchase: Purchase, card: Card | None) -> Payment | None:
        """The undecided payment that is what is asked for now; every other is given up."""
        way = Way.CHECKOUT if card is None else Way.CARD
        same: Payment | None = None
        for payment in await self._ports.payments.of_subject(tx, purchase.subject):
            if not payment.undecided or payment.abandoned_at is not None:
                continue
            # What decides is read in this transaction: a read beside it may be behind it.
            if same is None and payment.way is way and payment.card == (card.id if card else None):
                same = payment
            else:
                await self._ports.till.give_up(tx, payment)
        return same

    async def _customer(self, who: Identity, subject: Subject) -> str:
        """The payer's customer at the gateway, made when there is none.

        Should the answer be lost, an empty customer stays behind there, which is harmless; so every try has a key of its own.
        """

        async def look(tx: Tx) -> Account:
            account = await self._accounts.get(tx, who.user_id)
            account.require_may_pay()
            await self._purchase(tx, who.user_id, subject)
            return account

        account = await self._ports.transact(look)
        if account.gateway_customer is not None:
            return account.gateway_customer
        try:
            created = await self._gateway.create_customer(
                key=f"create_customer:{new_id()}:1",
                email=account.email,
                name=account.name,
                user_id=account.id,
            )
        except GatewayRefused as refusal:
            raise PaymentRefused(refusal.message, details={"reason": refusal.code}) from refusal
        except GatewayUnknown as unknown:
            raise Unavailable("The payment gateway did not answer; please try again.") from unknown

        async def keep(tx: Tx) -> str:
            fresh = await self._accounts.get(tx, who.user_id)
            if fresh.gateway_customer is None:
                fresh.gateway_customer = created
                await self._accounts.save(tx, fresh)
            return fresh.gateway_customer

        return await self._ports.transact(keep)

    # --- going on -------------------------------------------------------------------------------------------------

    async def _pay(self, work: Callable[[Tx], Awaitable[Begun]]) -> Payment:
        begun = await self._ports.transact(work)
        if not begun.fresh:
            payment = await self._looked_up(begun.payment_id)
            if payment.state is not PaymentState.CANCELLED:
                return payment
            # What was open when we looked has been closed meanwhile: a page has its time.
            begun = await self._ports.transact(work)
        await self._charges.carry_out(begun.payment_id)
        return await self._payment(begun.payment_id)

    async def _looked_up(self, payment_id: PaymentId) -> Payment:
        # What is unknown now, the timer or a webhook will find out.
        with suppress(StillUnknown):
            await self._charges.look_up(payment_id)
        return await self._payment(payment_id)

    async def _payment(self, payment_id: PaymentId) -> Payment:
        payment = await self._ports.payments.find(payment_id)
        if payment is None:
            raise NotFound("There is no such payment.")
        return payment
