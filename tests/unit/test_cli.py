"""What the command says at the start."""

from unittest.mock import Mock

import pytest

from bootstrap.cli import _welcome
from bootstrap.up import Running


def running(*, demo: bool) -> Running:
    child = Mock()
    return Running("http://127.0.0.1:1", None, Mock(), child, child, child, None, {}, demo)


def test_demo_accounts_are_named_when_they_can_log_in(capsys: pytest.CaptureFixture[str]) -> None:
    _welcome(running(demo=True))

    shown = capsys.readouterr().out
    assert "http://127.0.0.1:1" in shown
    assert (
        "coach@demo.test, client@demo.test, client2@demo.test, admin@demo.test; password rapport-demo"
        in shown
    )


def test_demo_accounts_that_were_not_made_are_not_named(capsys: pytest.CaptureFixture[str]) -> None:
    _welcome(running(demo=False))

    shown = capsys.readouterr().out
    assert "http://127.0.0.1:1" in shown
    assert "demo" not in shown
