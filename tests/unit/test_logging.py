"""Logs are lines of JSON, carry ids, and refuse what is private."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog

from bootstrap.logging import PRIVATE_KEYS, REFUSED, configure_logging


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_carries_the_ids_of_its_request(written: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger("rest").info("request", status=200)

    (line,) = lines(written)
    assert line.items() >= {"event": "request", "status": 200, "request_id": "r-1", "level": "info"}.items()


@pytest.mark.parametrize("key", sorted(PRIVATE_KEYS))
def test_private_keys_are_refused_at_any_depth(written: io.StringIO, key: str) -> None:
    structlog.get_logger().info("odd", **{key: "hunter2"}, nested={"list": [{key: "hunter2"}]})

    assert "hunter2" not in written.getvalue()
    assert lines(written)[0][key] == REFUSED


def test_the_standard_librarys_logs_are_cleaned_too(written: io.StringIO) -> None:
    logging.getLogger("other").warning("careful", extra={"access_token": "hunter2", "count": 3})

    (line,) = lines(written)
    assert line.items() >= {"event": "careful", "access_token": REFUSED, "count": 3}.items()


def test_an_exception_is_one_line_with_its_stack_and_without_local_variables(written: io.StringIO) -> None:
    secret = "hunter" + "2"
    try:
        assert secret
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("unforeseen error")

    (line,) = lines(written)
    assert line["event"] == "unforeseen error"
    assert "broken" in str(line["exception"])
    assert secret not in written.getvalue()


def test_a_terminal_gets_no_local_variables_either() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(json=False, stream=stream)
    secret = "hunter" + "2"
    try:
        assert secret
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("unforeseen error")
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()

    assert "broken" in stream.getvalue()
    assert secret not in stream.getvalue()
