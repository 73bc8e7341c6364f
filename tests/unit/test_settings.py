"""Settings that must not go together, and who is let near demo accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from bootstrap.call import own
from bootstrap.cli import app
from bootstrap.demo import DEMO_DOMAIN, refused_domains
from bootstrap.serve import about_facts
from bootstrap.settings import (
    Environment,
    Settings,
    UnknownSetting,
    known_variables,
    read_call_terms,
    read_settings,
    refuse_unknown,
)
from bootstrap.up import Exposed, _refuse_if_exposed
from bootstrap.wiring.common import ShiftedClock, refuse_shifted_clock
from domain.calls.terms import CallTerms
from domain.clock import ClockOrigin

PRODUCTION = {
    "RAPPORT_ENV": "production",
    "RAPPORT_SECRET_KEY": "k" * 32,
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
}


def read(monkeypatch: pytest.MonkeyPatch, **environ: str) -> Settings:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return Settings()


def told(monkeypatch: pytest.MonkeyPatch, **environ: str) -> tuple[bool, str | None]:
    facts = about_facts(read(monkeypatch, **environ), CallTerms())
    return facts.sandbox, facts.sandbox_url


def test_where_others_may_come_in_nobody_is_told_where_the_sandbox_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = {"STRIPE_ADDRESS": "http://sandbox.internal:9100", "STRIPE_SECRET_KEY": "sk_test_x"}

    assert told(monkeypatch, **sandbox) == (True, "http://sandbox.internal:9100")
    assert told(monkeypatch, **sandbox, RAPPORT_ENV="staging") == (True, None)


@pytest.mark.parametrize(
    "environ",
    [
        {"RAPPORT_HOST": "0.0.0.0"},
        {"RAPPORT_HOST": "0.0.0.0", "STRIPE_SECRET_KEY": "sk_test_x"},
        {"RAPPORT_ENV": "staging", "STRIPE_SECRET_KEY": "sk_test_x"},
        {"RAPPORT_ENV": "staging", "RAPPORT_HOST": "127.0.0.1"},
        PRODUCTION,
    ],
)
def test_demo_accounts_are_neither_made_nor_let_in_where_others_may_come_in(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    settings = read(monkeypatch, **environ)

    assert settings.exposed
    assert refused_domains(settings) == {DEMO_DOMAIN}


@pytest.mark.parametrize(
    "environ", [{}, {"RAPPORT_ENV": "local"}, {"RAPPORT_ENV": "local", "RAPPORT_HOST": "0.0.0.0"}]
)
def test_a_machine_of_ones_own_may_have_them(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    settings = read(monkeypatch, **environ)

    _refuse_if_exposed(settings)

    assert settings.env is Environment.LOCAL
    assert not settings.exposed
    assert not refused_domains(settings)


def test_the_sandbox_is_refused_beyond_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exposed, match="RAPPORT_ENV=local"):
        _refuse_if_exposed(read(monkeypatch, RAPPORT_HOST="0.0.0.0"))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("STRIPE_ADDRESS", "http://127.0.0.1:8081", "STRIPE_ADDRESS"),
        ("RAPPORT_CLOCK_SPEED", "60", "clock speed 1"),
        ("RAPPORT_TURN_URLS", "turn:turn.example.org", "RAPPORT_TURN_SECRET"),
        ("RAPPORT_TURN_SECRET", "shared", "RAPPORT_TURN_URLS"),
    ],
)
def test_what_would_be_dangerous_or_do_nothing_in_production_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        read(monkeypatch, **PRODUCTION, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FEE_PERCENT", "120"),
        ("BLOCK_MINUTES", "0"),
        ("MINIMUM_CHARGE", "-1"),
        ("RESERVE", "5"),
        ("PROOF_TIMEOUT", "4"),
        ("RING", "0"),
        ("NO_SUCH_TERM", "1"),
    ],
)
def test_terms_that_would_charge_wrongly_or_never_end_are_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="terms"):
        read_call_terms({f"RAPPORT_CALL_{name}": value})


def test_a_fast_clock_is_refused_with_stripe_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="RAPPORT_CLOCK_SPEED must be 1"):
        read(monkeypatch, STRIPE_SECRET_KEY="sk_test_x", RAPPORT_CLOCK_SPEED="60")


@pytest.mark.parametrize(
    "environ",
    [
        {"RAPPORT_CLOCK_SPEED": "60"},
        {"RAPPORT_CLOCK_SPEED": "60", "STRIPE_SECRET_KEY": ""},
        {
            "RAPPORT_CLOCK_SPEED": "60",
            "STRIPE_SECRET_KEY": "sk_test_x",
            "STRIPE_ADDRESS": "http://127.0.0.1:8081",
        },
        {"RAPPORT_CLOCK_SPEED": "1", "STRIPE_SECRET_KEY": "sk_test_x"},
    ],
)
def test_any_speed_goes_with_the_sandbox_and_speed_one_with_stripe(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    assert read(monkeypatch, **environ).clock_speed in (60.0, 1.0)


START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "origin",
    [
        ClockOrigin(START, START, 60.0),
        ClockOrigin(START, START + timedelta(hours=3), 1.0),
    ],
)
def test_a_clock_that_runs_or_ran_fast_is_refused_with_stripe_itself_alone(
    monkeypatch: pytest.MonkeyPatch, origin: ClockOrigin
) -> None:
    refuse_shifted_clock(read(monkeypatch), origin)
    real = read(monkeypatch, STRIPE_SECRET_KEY="sk_test_x")
    refuse_shifted_clock(real, ClockOrigin(START, START, 1.0))

    with pytest.raises(ShiftedClock, match="fast clock"):
        refuse_shifted_clock(real, origin)


def test_an_empty_variable_leaves_the_word_to_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("sk_sandbox\n")

    settings = read(monkeypatch, STRIPE_SECRET_KEY="", STRIPE_SECRET_KEY_FILE=str(tmp_path / "key"))

    assert settings.secret("stripe_secret_key") == "sk_sandbox"


async def test_a_call_of_our_own_never_knows_the_stripe_of_its_surroundings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Settings] = []

    @asynccontextmanager
    async def running(settings: Settings, *, echo: object) -> AsyncIterator[None]:
        seen.append(settings)
        yield

    monkeypatch.setattr(own, "running", running)
    settings = read(monkeypatch, STRIPE_SECRET_KEY="sk_live_x", STRIPE_WEBHOOK_SECRET="whsec_x")

    async with own.own_server(settings)(60):
        pass

    assert [one.secret("stripe_secret_key") for one in seen] == [None]
    assert [one.secret("stripe_webhook_secret") for one in seen] == [None]
    assert (seen[0].clock_speed, seen[0].real_stripe) == (60, False)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("RAPPORT_CORS_ORIGIN", "RAPPORT_CORS_ORIGINS"),
        ("rapport_prot", "RAPPORT_PORT"),
        ("RAPPORT_MONGODB_URI", "MONGODB_URI"),
    ],
)
def test_a_misspelt_name_ends_the_start_and_the_right_one_is_said(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, "x")

    with pytest.raises(UnknownSetting, match=f"{name} is no setting. Did you mean {meant}?"):
        read_settings()


def test_names_that_are_known_or_not_ours_are_no_matter() -> None:
    refuse_unknown([*known_variables(), "RAPPORT_CALL_RING", "rapport_port", "PATH", "RAPPORTEUR"])


def test_the_command_says_a_misspelt_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_CORS_ORIGIN", "https://app.example")

    told = CliRunner().invoke(app, ["serve"])

    assert told.exit_code == 2
    assert "Did you mean RAPPORT_CORS_ORIGINS?" in told.output
