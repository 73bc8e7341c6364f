"""Where the gateway's page leads back to: addresses of our own console, never one that a request names."""

from dataclasses import dataclass

from domain.payments.purchases import Subject, SubjectKind

_PLACES = {SubjectKind.BOOKING: "bookings"}


@dataclass(frozen=True, slots=True)
class CheckoutPages:
    """``console_url`` has no slash at the end."""

    console_url: str

    def paid(self, subject: Subject) -> str:
        """Where a client who paid comes back to. Arriving there proves nothing: the gateway is asked."""
        return f"{self._place(subject)}?checkout=done"

    def given_up(self, subject: Subject) -> str:
        """Where a client who did not want to pay comes back to."""
        return f"{self._place(subject)}?checkout=cancelled"

    def _place(self, subject: Subject) -> str:
        return f"{self.console_url}/{_PLACES[subject.kind]}/{subject.id}"
