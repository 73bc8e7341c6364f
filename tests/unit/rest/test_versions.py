"""Entity tags, and the precondition of an update."""

import pytest
from aiohttp.test_utils import make_mocked_request

from domain.errors import Code, Conflict, DomainError
from domain.versions import require_version
from rest.openapi import openapi_document
from rest.payloads import Reply
from rest.registry import Call, endpoint, endpoints_of, member
from rest.versions import expected_version, tag_of, tag_of_stored


class Thing(Reply):
    """Something with a version."""

    version: int


class Things:
    """Endpoints as they are declared."""

    @endpoint("GET", "/things/{thingId}", may=member, reply=Thing, versioned=True)
    async def read_thing(self, call: Call[None, None]) -> Thing:
        """Read."""
        return Thing(version=7)

    @endpoint("PUT", "/things/{thingId}", may=member, reply=Thing, versioned=True)
    async def change_thing(self, call: Call[None, None]) -> Thing:
        """Change."""
        return Thing(version=call.expected + 1)


def test_a_tag_that_we_gave_is_read_as_the_version_it_names() -> None:
    tag = tag_of(Thing(version=7))

    assert expected_version(make_mocked_request("PUT", "/", {"If-Match": tag})) == 7
    assert tag_of_stored(Thing(version=7).model_dump_json().encode()) == tag


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, Code.VERSION_REQUIRED),
        ("7", Code.INVALID_PAYLOAD),
        ("*", Code.INVALID_PAYLOAD),
        ('"1", "2"', Code.INVALID_PAYLOAD),
        ("", Code.INVALID_PAYLOAD),
        ('W/"7"', Code.VERSION_MISMATCH),
        ('"07"', Code.VERSION_MISMATCH),
        ('"-1"', Code.VERSION_MISMATCH),
        ('"\u0667"', Code.INVALID_PAYLOAD),
    ],
)
def test_anything_else_is_refused(given: str | None, code: Code) -> None:
    headers = {} if given is None else {"If-Match": given}

    with pytest.raises(DomainError) as refusal:
        expected_version(make_mocked_request("PUT", "/", headers))

    assert refusal.value.code is code


def test_a_change_of_an_older_version_is_refused_with_the_present_one() -> None:
    require_version(7, 7)

    with pytest.raises(Conflict) as refusal:
        require_version(6, 7)

    assert (refusal.value.code, refusal.value.details) == (Code.VERSION_MISMATCH, {"version": 7})


def test_a_reply_without_a_version_cannot_be_versioned() -> None:
    class Bare(Reply):
        name: str

    with pytest.raises(TypeError, match="Bare has no version"):
        endpoint("GET", "/bare", may=member, reply=Bare, versioned=True)


def test_only_updates_have_to_name_a_version_and_the_document_says_so() -> None:
    (read, _), (change, _) = endpoints_of(Things)
    item = openapi_document([read, change], "1")["paths"]["/things/{thingId}"]
    required = [one["name"] for one in item["put"]["parameters"] if one["required"]]

    assert (read.updates, change.updates) == (False, True)
    assert required == ["thingId", "If-Match"]
    assert {"412", "428"} <= set(item["put"]["responses"])
    assert not {"412", "428"} & set(item["get"]["responses"])
    assert "ETag" in item["get"]["responses"]["200"]["headers"]
