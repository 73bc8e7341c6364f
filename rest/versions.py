"""Versions on the wire: entity tags, and the precondition of an update (RFC 9110, 8.8.3 and 13.1.1).

An entity tag is the aggregate's version in quotes, ``"7"``. It is strong: another version is another state.
"""

import json
import re

from aiohttp import web

from domain.errors import Code, Conflict, Invalid
from rest.payloads import Reply

IF_MATCH = "If-Match"
#: What a request may name: the tag of one version, as we gave it.
TAG_PATTERN = r'^"(0|[1-9][0-9]{0,14})"$'
_TAG = re.compile(TAG_PATTERN, re.ASCII)
#: ``entity-tag`` of RFC 9110, weak ones too.
_ANY_TAG = re.compile(r'(W/)?"[!#-~\x80-\xff]*"')


def tag_of(reply: Reply) -> str:
    """The entity tag of a reply that has a ``version``."""
    return f'"{reply.version}"'  # type: ignore[attr-defined]  # `endpoint` refuses replies without one


def tag_of_stored(body: bytes) -> str:
    """The same, of a reply that was kept to be given again."""
    return f'"{json.loads(body)["version"]}"'


def expected_version(request: web.Request) -> int:
    """Which version an update was made from.

    Raises:
        Conflict: VERSION_REQUIRED, none is named; or VERSION_MISMATCH, a tag that is none of ours.
        Invalid: INVALID_PAYLOAD, no entity tag at all, or several, or ``*``, which would make the check pointless.
    """
    given = request.headers.get(IF_MATCH)
    if given is None:
        raise Conflict(
            f"Please say with {IF_MATCH} which version you change.",
            code=Code.VERSION_REQUIRED,
            details={"header": IF_MATCH},
        )
    if found := _TAG.fullmatch(given):
        return int(found[1])
    if _ANY_TAG.fullmatch(given):
        raise Conflict("This is not the version that is stored.", code=Code.VERSION_MISMATCH)
    raise Invalid(f'{IF_MATCH} names one version, as in "7".', details={"header": IF_MATCH})
