"""Mails say what happened in the reader's language, zone and locale."""

import re
from pathlib import Path
from string import Formatter

import pytest
from babel import Locale

from adapters.mail.writer import LANGUAGES, OF_THE_ACCOUNT, TemplateWriter, money
from domain.currencies import CHARGE_MINIMUM
from domain.mail.ports import Reader
from domain.notifications.kinds import KINDS

CONSOLE = "https://console.test"
WRITER = TemplateWriter(CONSOLE)
BOOKING = {
    "bookingId": "b" * 24,
    "title": "Focus",
    "start": "2026-05-08T15:00:00.000Z",
    "personName": "Ann",
    "hours": "24",
    "amount": "1250",
    "currency": "EUR",
    "token": "t",
}
NEW_YORK = Reader("Bo", "en-US", "America/New_York")
VIENNA = Reader("Bo", "de-AT", "Europe/Vienna")
#: ISO 4217; all others have two digits.
EXPONENTS = {"ISK": 0, "JPY": 0, "UGX": 0, "KWD": 3}
ROUTES = Path(__file__).parents[3] / "web/console/main.js"


def test_every_kind_has_words_in_every_language() -> None:
    for language in LANGUAGES.values():
        assert set(language.templates) == set(KINDS) | OF_THE_ACCOUNT


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_words_need_nothing_that_a_kind_does_not_promise(kind: str, language: str) -> None:
    template = LANGUAGES[language].templates[kind]
    made = {"when": "start", "money": "amount"}

    for text in (template.subject, *template.lines, template.path):
        fields = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert {made.get(name, name) for name in fields} <= KINDS[kind].params


def test_the_languages_lead_to_the_same_pages_and_the_console_has_them() -> None:
    pages = {kind: template.path for kind, template in LANGUAGES["en"].templates.items()}
    routes = set(re.findall(r'path: "([^"]+)"', ROUTES.read_text()))

    assert {kind: template.path for kind, template in LANGUAGES["de"].templates.items()} == pages
    assert {page.partition("?")[0] for page in pages.values()} <= routes


def test_an_instant_is_told_where_the_reader_is() -> None:
    there = WRITER.write("booking_confirmed", BOOKING, NEW_YORK)
    here = WRITER.write("booking_confirmed", BOOKING, VIENNA)

    # Babel puts a narrow no-break space before AM and PM.
    english = there.text.replace("\u202f", " ")
    assert "Friday, May 8, 2026, 11:00 AM (Eastern Daylight Time)" in english
    assert "Freitag, 8. Mai 2026, 17:00 (Mitteleuropäische Sommerzeit)" in here.text
    assert "„Focus“" in here.text


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "told"),
    [
        ("1250", "EUR", "en", "€12.50"),
        ("1250", "EUR", "de", "12,50 €"),
        ("500", "JPY", "en", "¥500"),
        ("1250", "USD", "en-GB", "US$12.50"),
    ],
)
def test_an_amount_is_told_as_the_reader_writes_it(
    amount: str, currency: str, locale: str, told: str
) -> None:
    words = WRITER.write(
        "payment_refunded", {"amount": amount, "currency": currency}, Reader("Bo", locale, "UTC")
    )

    assert told in words.text.replace("\u00a0", " ")
    assert "/receipts?view=payments" in words.text


@pytest.mark.parametrize("locale", ["fr", "pt-BR", "xx", "zz-ZZ"])
def test_another_language_gets_english_words_with_english_dates(locale: str) -> None:
    words = WRITER.write("booking_confirmed", BOOKING, Reader("Bo", locale, "UTC"))

    assert words.text.startswith("Hello Bo,")
    assert "Friday, May 8, 2026" in words.text


@pytest.mark.parametrize(("locale", "told"), [("en", "“Focus” begins on"), ("de", "„Focus“ beginnt am")])
def test_a_coach_is_reminded_of_a_group_session_with_nobody_named(locale: str, told: str) -> None:
    nobody = BOOKING | {"personName": ""}

    assert told in WRITER.write("booking_reminder", nobody, Reader("Bo", locale, "UTC")).text


@pytest.mark.parametrize("currency", sorted(CHARGE_MINIMUM))
def test_minor_units_are_those_of_the_currency(currency: str) -> None:
    told = money(1230, currency, Locale("en"))

    digits = re.sub(r"[^0-9.]", "", told)
    assert digits == {0: "1230", 2: "12.30", 3: "1.230"}[EXPONENTS.get(currency, 2)]


def test_what_people_write_is_text_in_the_markup() -> None:
    hostile = BOOKING | {"title": '<img src=x onerror="alert(1)">', "personName": "{token}"}

    words = WRITER.write("booking_confirmed", hostile, Reader("<b>Bo</b>", "en", "UTC"))

    assert "<img" not in words.html
    assert "<b>" not in words.html
    assert "&lt;img" in words.html
    # Words are filled once: a name cannot ask for another parameter.
    assert "with {token} on" in words.text


def test_a_mail_about_the_account_cannot_be_switched_off_and_says_so() -> None:
    account = WRITER.write("verify_email", {"token": "abc"}, NEW_YORK)
    other = WRITER.write("booking_confirmed", BOOKING, NEW_YORK)

    assert f"{CONSOLE}/verify-email?token=abc" in account.text
    assert "cannot be switched off" in account.text
    assert f"{CONSOLE}/preferences" in other.text


def test_a_kind_without_words_and_a_missing_parameter_are_mistakes() -> None:
    with pytest.raises(ValueError, match="no words"):
        WRITER.write("no_such_kind", {}, NEW_YORK)
    with pytest.raises(ValueError, match="need when"):
        WRITER.write("booking_confirmed", {"title": "x", "personName": "y", "bookingId": "z"}, NEW_YORK)
