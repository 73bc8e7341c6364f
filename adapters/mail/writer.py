"""Words of mails and text messages, instants and amounts by Babel as the reader's locale and zone have them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from html import escape
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, get_currency_precision

from adapters.mail.words.de import GERMAN
from adapters.mail.words.en import ENGLISH
from adapters.mail.words.form import Language
from domain.mail.ports import Reader, Words

LANGUAGES: Mapping[str, Language] = {"en": ENGLISH, "de": GERMAN}
#: These do not follow from a preference.
OF_THE_ACCOUNT = frozenset({"verify_email", "reset_password", "password_changed"})

_HTML = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{subject}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif;color:#1a1f36;background:#ffffff">
<div style="max-width:34rem;margin:0 auto">{body}
<p style="color:#5b6478;font-size:14px;margin-top:32px">{footer}</p></div></body></html>"""
_BUTTON = (
    '<p style="margin:24px 0"><a href="{address}" style="display:inline-block;padding:12px 20px;border-radius:8px;'
    'background:#1c6b58;color:#ffffff;text-decoration:none">{words}</a></p>'
)


class TemplateWriter:
    """English, and German for who reads it. ``console`` is the address of the pages, without a slash at its end."""

    def __init__(self, console: str) -> None:
        self._console = console

    def write(self, kind: str, params: Mapping[str, str], reader: Reader) -> Words:
        locale, language = _spoken(reader.locale)
        template = LANGUAGES[language].templates.get(kind)
        if template is None:
            raise ValueError(f"no words for {kind}")
        known = _known(params, reader, locale)
        try:
            subject = template.subject.format_map(known)
            lines = [_alone(line, known, language).format_map(known) for line in template.lines]
            address = self._console + template.path.format_map(known)
        except KeyError as error:
            raise ValueError(f"the words of {kind} need {error.args[0]}") from error
        return self._words(
            LANGUAGES[language], language, kind, reader, (subject, lines, template.button, address)
        )

    def _words(
        self,
        spoken: Language,
        language: str,
        kind: str,
        reader: Reader,
        said: tuple[str, list[str], str, str],
    ) -> Words:
        subject, lines, button, address = said
        greeting = spoken.greeting.format(reader=reader.name)
        footer = (
            spoken.must
            if kind in OF_THE_ACCOUNT
            else spoken.why.format(preferences=f"{self._console}/preferences")
        )
        text = "\n\n".join([greeting, *lines, f"{button}: {address}", f"-- \n{footer}"]) + "\n"
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in [greeting, *lines])
        body = paragraphs + _BUTTON.format(address=escape(address), words=escape(button))
        html = _HTML.format(language=language, subject=escape(subject), body=body, footer=escape(footer))
        return Words(subject, text, html, short=f"{subject} {address}")


def _alone(line: str, known: Mapping[str, str], language: str) -> str:
    return line if known.get("personName") else line.replace(LANGUAGES[language].company, "")


def _spoken(wish: str) -> tuple[Locale, str]:
    """The reader's locale where we have words in its language; English words have English dates beside them."""
    try:
        locale = Locale.parse(wish, sep="-")
    except (ValueError, UnknownLocaleError):
        locale = Locale("en")
    return (locale, locale.language) if locale.language in LANGUAGES else (Locale("en"), "en")


def _known(params: Mapping[str, str], reader: Reader, locale: Locale) -> dict[str, str]:
    known = dict(params)
    if "start" in params:
        known["when"] = moment(datetime.fromisoformat(params["start"]), reader.time_zone, locale)
    if "amount" in params and "currency" in params:
        known["money"] = money(int(params["amount"]), params["currency"], locale)
    return known


def moment(instant: datetime, time_zone: str, locale: Locale) -> str:
    """An instant where the reader is, with the name of the zone: ``Friday, May 8, 2026, 5:00 PM Central European …``."""
    zone = ZoneInfo(time_zone)
    there = instant.astimezone(zone)
    date = format_date(there, "full", locale=locale)
    time = format_time(there, "short", tzinfo=zone, locale=locale)
    return f"{date}, {time} ({get_timezone_name(there, locale=locale)})"


def money(amount: int, currency: str, locale: Locale) -> str:
    """Minor units as the reader writes them: ``€12.50``, ``12,50 €``, ``¥500``."""
    major = Decimal(amount).scaleb(-get_currency_precision(currency))
    return format_currency(major, currency, locale=locale)
