"""Reading a request: path, query and body, strictly."""

from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError

from domain.errors import Code, Invalid
from rest.parameters import parameter
from rest.payloads import Query
from rest.registry import JSON, Endpoint

M = TypeVar("M", bound=BaseModel)
_FIELDS_SHOWN = 20


async def read_body(request: web.Request, limit: int) -> bytes:
    """The raw body.

    Raises:
        Invalid: PAYLOAD_TOO_LARGE, before more than ``limit`` bytes are in memory.
    """
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit)
    chunks = bytearray()
    async for chunk in request.content.iter_any():
        chunks += chunk
        if len(chunks) > limit:
            raise _too_large(limit)
    return bytes(chunks)


def parse_body(endpoint: Endpoint, request: web.Request, raw: bytes) -> BaseModel | None:
    """The body as its model; None where the endpoint has none, or got none and may.

    Raises:
        Invalid: UNSUPPORTED_MEDIA_TYPE, or INVALID_PAYLOAD with the paths of the wrong fields.
    """
    if endpoint.body is None or (endpoint.body_optional and not raw):
        return None
    if request.content_type != JSON:
        raise Invalid("Please send application/json.", code=Code.UNSUPPORTED_MEDIA_TYPE)
    return _validated(lambda model: model.model_validate_json(raw), endpoint.body)


def parse_query(endpoint: Endpoint, request: web.Request) -> BaseModel | None:
    """The query parameters as their model.

    Raises:
        Invalid: INVALID_PAYLOAD; a parameter given twice, where one is meant, is wrong too.
    """
    if endpoint.query is None:
        return None
    fields = _by_alias(endpoint.query)
    values: dict[str, str | list[str]] = {}
    for name in request.query:
        given = request.query.getall(name)
        values[name] = given if len(given) > 1 or fields.get(name) is list else given[0]
    return _validated(lambda model: model.model_validate(values), endpoint.query)


def parse_path(request: web.Request) -> Mapping[str, str]:
    """The path parameters; nearly all of them are identifiers (``rest.parameters``).

    Raises:
        Invalid: INVALID_PAYLOAD.
    """
    for name, value in request.match_info.items():
        known = parameter(name)
        if not known.fits(value):
            fields = [{"path": name, "problem": known.problem}]
            raise Invalid("The address is malformed.", details={"fields": fields})
    return dict(request.match_info)


def _by_alias(model: type[Query]) -> dict[str, Any]:
    return {
        field.alias or name: get_origin(field.annotation) or field.annotation
        for name, field in model.model_fields.items()
    }


def _validated(parse: Any, model: type[M]) -> M:
    try:
        parsed: M = parse(model)
    except ValidationError as error:
        fields = [
            {"path": ".".join(str(part) for part in one["loc"]), "problem": one["msg"]}
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise Invalid(
            "The request does not match its schema.", details={"fields": fields[:_FIELDS_SHOWN]}
        ) from None
    return parsed


def _too_large(limit: int) -> Invalid:
    return Invalid(f"The request body is larger than {limit} bytes.", code=Code.PAYLOAD_TOO_LARGE)
