"""The words of mails in German."""

from adapters.mail.words.form import BOOKING, Language, Template


def _booking(subject: str, *lines: str, button: str = "Zur Buchung") -> Template:
    return Template(subject, lines, button, BOOKING)


GERMAN = Language(
    greeting="Guten Tag {reader},",
    why="Diese E-Mail folgt deinen Einstellungen für Benachrichtigungen: {preferences}",
    must="Diese E-Mail betrifft dein Konto und lässt sich nicht abbestellen.",
    company=" mit {personName}",
    templates={
        "verify_email": Template(
            "Bitte bestätige deine E-Mail-Adresse",
            ("willkommen bei Rapport. Bestätige, dass diese Adresse dir gehört; vorher kannst du dich nur umsehen.",
             "Der Link gilt einmal und zwei Tage lang. Wenn du dich nicht angemeldet hast, ignoriere diese E-Mail."),
            "Adresse bestätigen",
            "/verify-email?token={token}",
        ),
        "reset_password": Template(
            "Neues Passwort wählen",
            ("jemand hat für dein Konto ein neues Passwort angefordert.",
             "Der Link gilt einmal und eine Stunde lang; er beendet alle Anmeldungen auf allen Geräten. Wenn du das nicht"
             " warst, ignoriere diese E-Mail: Es hat sich nichts geändert."),
            "Neues Passwort wählen",
            "/reset-password?token={token}",
        ),
        "password_changed": Template(
            "Dein Passwort wurde geändert",
            ("dein Passwort wurde soeben geändert, und alle Anmeldungen wurden beendet.",
             "Wenn du das nicht warst, liest jemand deine E-Mails: Sichere zuerst dein Postfach und wähle dann ein neues"
             " Passwort."),
            "Neues Passwort wählen",
            "/forgot-password",
        ),
        "missed_call": Template(
            "Verpasster Anruf", ("jemand hat angerufen, und niemand hat angenommen.",), "Zu den Anrufen", "/receipts"
        ),
        "went_offline": Template(
            "Du bist jetzt offline",
            ("du hast nicht geantwortet und wirst deshalb als offline angezeigt. Geh wieder online, sobald du da bist.",),
            "Online gehen", "/desk",
        ),
        "booking_requested": _booking(
            "{personName} fragt „{title}“ an",
            "{personName} möchte „{title}“ am {when} buchen.",
            "Bitte nimm an, lehne ab oder schlage andere Zeiten vor: Bis dahin bleibt die Zeit reserviert.",
            button="Anfrage beantworten",
        ),
        "booking_confirmed": _booking(
            "Bestätigt: „{title}“", "„{title}“ mit {personName} am {when} ist bestätigt."
        ),
        "booking_accepted": _booking(
            "Angenommen: Bitte bezahle „{title}“",
            "{personName} hat „{title}“ am {when} angenommen.",
            "Bezahle bald: Ohne Zahlung wird die Zeit wieder frei.",
            button="Jetzt bezahlen",
        ),
        "booking_declined": _booking(
            "Abgelehnt: „{title}“", "{personName} kann „{title}“ am {when} nicht anbieten. Es wurde nichts berechnet."
        ),
        "booking_times_suggested": _booking(
            "Andere Zeiten für „{title}“",
            "{personName} kann „{title}“ am {when} nicht anbieten und schlägt andere Zeiten vor.",
            button="Zeit auswählen",
        ),
        "booking_rescheduled": _booking(
            "Verschoben: „{title}“", "„{title}“ mit {personName} findet jetzt am {when} statt."
        ),
        "reschedule_requested": _booking(
            "Andere Zeit für „{title}“?",
            "{personName} möchte „{title}“ auf den {when} verschieben.",
            button="Antworten",
        ),
        "reschedule_declined": _booking(
            "„{title}“ bleibt, wie es ist", "{personName} kann „{title}“ nicht verschieben; es bleibt beim {when}."
        ),
        "booking_cancelled": _booking(
            "Abgesagt: „{title}“", "„{title}“ mit {personName} am {when} wurde abgesagt."
        ),
        "booking_expired": _booking(
            "Abgelaufen: „{title}“",
            "„{title}“ mit {personName} am {when} wurde nicht rechtzeitig beantwortet oder bezahlt und ist nicht mehr gebucht.",
        ),
        "booking_reminder": _booking(
            "Bald: „{title}“", "„{title}“ mit {personName} beginnt am {when}.", button="Zur Sitzung"
        ),
        "booking_no_show": _booking(
            "Verpasst: „{title}“",
            "„{title}“ mit {personName} am {when} wurde verpasst: Eine Viertelstunde nach Beginn war jemand nicht da.",
        ),
        "group_registered": _booking(
            "{personName} nimmt an „{title}“ teil", "{personName} hat einen Platz bei „{title}“ am {when}."
        ),
        "group_full_refunded": _booking(
            "„{title}“ ist voll",
            "der letzte Platz bei „{title}“ am {when} wurde vergeben, während du bezahlt hast. Du bekommst alles zurück.",
        ),
        "group_cancelled_minimum": _booking(
            "Abgesagt: „{title}“",
            "für „{title}“ am {when} haben sich zu wenige angemeldet; es fällt aus. Wer bezahlt hat, bekommt alles zurück.",
        ),
        "payment_refunded": Template(
            "Du bekommst {money} zurück",
            ("{money} sind auf dem Weg zurück auf deine Karte. Banken brauchen einige Tage, bis sie das zeigen.",),
            "Zu den Zahlungen", "/receipts?view=payments",
        ),
        "overtime_failed": _booking(
            "Keine Verlängerung von „{title}“",
            "die Verlängerung von „{title}“ mit {personName} konnte nicht autorisiert werden; es wurde nichts berechnet.",
        ),
        "connection_requested": Template(
            "{personName} möchte sich verbinden",
            ("{personName} möchte sich mit dir verbinden.",), "Antworten", "/connections",
        ),
        "connection_accepted": Template(
            "Du bist mit {personName} verbunden",
            ("{personName} ist jetzt mit dir verbunden.",), "Zu den Verbindungen", "/connections",
        ),
    },
)  # fmt: skip
