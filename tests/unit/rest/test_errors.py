"""Every code has a status, and nothing inside leaves the server."""

import orjson
import pytest

from domain.errors import Code, DomainError, Forbidden
from rest.errors import STATUS, internal, problem_of


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(Code)


@pytest.mark.parametrize("code", list(Code))
def test_a_problem_names_its_code_and_request(code: Code) -> None:
    response = problem_of(DomainError("A sentence.", code=code), "request-1")

    problem = orjson.loads(bytes(response.body or b""))  # type: ignore[arg-type]
    assert (problem["code"], problem["requestId"], problem["status"]) == (code, "request-1", response.status)
    assert response.content_type == "application/problem+json"


def test_a_wait_is_said_in_the_header_too() -> None:
    response = problem_of(Forbidden("Later.", code=Code.ACCOUNT_LOCKED, retry_after_ms=1_500), "request-1")

    assert response.headers["Retry-After"] == "2"


def test_an_unforeseen_error_says_nothing_but_the_request() -> None:
    problem = orjson.loads(bytes(internal("request-1").body or b""))  # type: ignore[arg-type]

    assert problem["detail"] == "Something went wrong on our side."
    assert set(problem) == {"type", "title", "status", "detail", "code", "requestId", "retryable"}
