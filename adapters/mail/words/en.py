"""The words of mails in English."""

from adapters.mail.words.form import BOOKING, Language, Template


def _booking(subject: str, *lines: str, button: str = "See the booking") -> Template:
    return Template(subject, lines, button, BOOKING)


ENGLISH = Language(
    greeting="Hello {reader},",
    why="You get this mail because your notifications are set so. Change it at {preferences}.",
    must="This mail concerns your account, so it cannot be switched off.",
    company=" with {personName}",
    templates={
        "verify_email": Template(
            "Please confirm your e-mail address",
            ("Welcome to Rapport. Confirm that this address is yours; before that you can only look around.",
             "The link works once, for two days. If you did not register, ignore this mail."),
            "Confirm the address",
            "/verify-email?token={token}",
        ),
        "reset_password": Template(
            "Choose a new password",
            ("Somebody asked for a new password for your account.",
             "The link works once, for one hour; it ends every log-in on every device. If it was not you, ignore this mail:"
             " nothing has changed."),
            "Choose a new password",
            "/reset-password?token={token}",
        ),
        "password_changed": Template(
            "Your password was changed",
            ("Your password was changed a moment ago, and every log-in was ended.",
             "If it was not you, somebody reads your mail: secure your mailbox first, then choose a new password."),
            "Choose a new password",
            "/forgot-password",
        ),
        "missed_call": Template(
            "You missed a call", ("A client called you, and nobody answered.",), "See your calls", "/receipts"
        ),
        "went_offline": Template(
            "You are offline now",
            ("You did not answer, so clients see you offline. Go online again when you are back.",),
            "Go online", "/desk",
        ),
        "booking_requested": _booking(
            "{personName} asks for “{title}”",
            "{personName} would like to book “{title}” on {when}.",
            "Please accept, decline, or suggest other times: the time is kept free until then.",
            button="Answer the request",
        ),
        "booking_confirmed": _booking(
            "Confirmed: “{title}”", "“{title}” with {personName} on {when} is confirmed."
        ),
        "booking_accepted": _booking(
            "Accepted: please pay for “{title}”",
            "{personName} accepted “{title}” on {when}.",
            "Pay soon: without a payment the time becomes free again.",
            button="Pay now",
        ),
        "booking_declined": _booking(
            "Declined: “{title}”", "{personName} cannot take “{title}” on {when}. Nothing was charged."
        ),
        "booking_times_suggested": _booking(
            "Other times for “{title}”",
            "{personName} cannot take “{title}” on {when}, and suggests other times.",
            button="Choose a time",
        ),
        "booking_rescheduled": _booking(
            "Moved: “{title}”", "“{title}” with {personName} now takes place on {when}."
        ),
        "reschedule_requested": _booking(
            "Another time for “{title}”?",
            "{personName} would like to move “{title}” to {when}.",
            button="Answer",
        ),
        "reschedule_declined": _booking(
            "“{title}” stays where it is", "{personName} cannot move “{title}”; it stays on {when}."
        ),
        "booking_cancelled": _booking(
            "Cancelled: “{title}”", "“{title}” with {personName} on {when} was cancelled."
        ),
        "booking_expired": _booking(
            "Expired: “{title}”",
            "“{title}” with {personName} on {when} was not answered or paid in time, and is not booked any more.",
        ),
        "booking_reminder": _booking(
            "Soon: “{title}”", "“{title}” with {personName} begins on {when}.", button="Go to the session"
        ),
        "booking_no_show": _booking(
            "Missed: “{title}”",
            "“{title}” with {personName} on {when} was missed: a quarter of an hour after its start somebody was not there.",
        ),
        "group_registered": _booking(
            "{personName} joins “{title}”", "{personName} has a place in “{title}” on {when}."
        ),
        "group_full_refunded": _booking(
            "“{title}” is full",
            "The last place in “{title}” on {when} was taken while you paid. All your money goes back.",
        ),
        "group_cancelled_minimum": _booking(
            "Cancelled: “{title}”",
            "Too few people registered for “{title}” on {when}, so it does not take place. Whoever paid gets all of it back.",
        ),
        "payment_refunded": Template(
            "You get {money} back",
            ("On the way back to your card: {money}. Banks take some days to show it.",),
            "See your payments", "/receipts?view=payments",
        ),
        "overtime_failed": _booking(
            "No overtime for “{title}”",
            "Overtime for “{title}” with {personName} could not be authorized; nothing was charged."
        ),
        "connection_requested": Template(
            "{personName} would like to connect", ("{personName} would like to connect with you.",), "Answer", "/connections"
        ),
        "connection_accepted": Template(
            "You are connected with {personName}",
            ("{personName} is connected with you now.",),
            "See your connections", "/connections",
        ),
    },
)  # fmt: skip
