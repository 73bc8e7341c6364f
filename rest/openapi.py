"""The OpenAPI 3.1 document, made from the registry."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from rest.errors import PROBLEM_JSON, STATUS
from rest.parameters import parameter
from rest.payloads import Problem
from rest.registry import JSON, Endpoint, Rate
from rest.versions import IF_MATCH, TAG_PATTERN

Json = dict[str, Any]
_REF = "#/components/schemas/{model}"
_ENTITY_TAG: Json = {
    "description": "The version in quotes, for `If-Match` of an update.",
    "schema": {"type": "string", "pattern": TAG_PATTERN},
}
_DESCRIPTION = """\
The HTTP sidecar of Rapport. What must be seen *now* (a ring, a tick, a status) arrives over Socket.IO instead, described in
the AsyncAPI document.

Requests are strict JSON: unknown fields are refused. Identifiers are 24 hexadecimal digits, instants RFC 3339 UTC, money is
`{amount, currency}` in minor units. Errors are problem details (RFC 9457) whose `code` never changes its meaning.
"""


def openapi_document(endpoints: Sequence[Endpoint], version: str) -> Json:
    """The whole document."""
    references, schemas = _schemas(endpoints)
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, references)
    schemas["Problem"]["properties"]["code"]["enum"] = sorted(code.value for code in STATUS)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rapport", "version": version, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(endpoint.tag for endpoint in endpoints)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
        "x-error-codes": [{"code": code.value, "status": status} for code, status in STATUS.items()],
    }


def _schemas(endpoints: Iterable[Endpoint]) -> tuple[dict[type[BaseModel], Json], dict[str, Json]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for endpoint in endpoints:
        wanted |= {(model, "validation"): None for model in (endpoint.body, endpoint.query) if model}
        if endpoint.reply is not None:
            wanted[endpoint.reply, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template=_REF)
    found = {model: references[model, mode] for model, mode in wanted}
    return found, _without_null_defaults(definitions["$defs"])


def _without_null_defaults(schema: Any) -> Any:
    """``default: null`` where null is not allowed says only that the field may be left out, which it says anyway."""
    if isinstance(schema, dict):
        return {
            key: _without_null_defaults(value)
            for key, value in schema.items()
            if not (key == "default" and value is None)
        }
    return [_without_null_defaults(item) for item in schema] if isinstance(schema, list) else schema


def _operation(endpoint: Endpoint, references: dict[type[BaseModel], Json]) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*_path(endpoint), *_query(endpoint), *_headers(endpoint)],
        "responses": _responses(endpoint, references),
        "security": [{"bearer": []}] if endpoint.may.roles is not None else [],
        "x-permission": endpoint.may.name,
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": not endpoint.body_optional,
            "content": {JSON: {"schema": references[endpoint.body]}},
        }
    elif endpoint.raw_body:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": {"type": "object"}}}}
    return operation


def _path(endpoint: Endpoint) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": parameter(name).schema}
        for name in endpoint.parameters
    ]


def _query(endpoint: Endpoint) -> list[Json]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema(ref_template=_REF)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _without_null(_inlined(value, schema.get("$defs", {}))),
        }
        for name, value in schema["properties"].items()
    ]


def _inlined(value: Json, definitions: Json) -> Json:
    """A reference into the query's own definitions, resolved: parameters have no component of theirs."""
    if "$ref" in value:
        resolved: Json = definitions[value["$ref"].rsplit("/", 1)[1]]
        return resolved | {key: item for key, item in value.items() if key != "$ref"}
    if "anyOf" in value:
        return value | {"anyOf": [_inlined(option, definitions) for option in value["anyOf"]]}
    return value


def _without_null(value: Json) -> Json:
    """A parameter is left out, never null."""
    options = [option for option in value.get("anyOf", []) if option != {"type": "null"}]
    if not options:
        return value
    rest = {key: item for key, item in value.items() if key not in ("anyOf", "default")}
    return options[0] | rest if len(options) == 1 else rest | {"anyOf": options}


def _headers(endpoint: Endpoint) -> list[Json]:
    headers = [
        {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in endpoint.headers.items()
    ]
    if endpoint.idempotent:
        headers.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The same key with the same body has its effect once; the reply is kept for 24 h.",
                "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
            }
        )
    if endpoint.updates:
        headers.append(
            {
                "name": IF_MATCH,
                "in": "header",
                "required": True,
                "description": "The `ETag` of what this changes, as it was read.",
                "schema": {"type": "string", "pattern": TAG_PATTERN},
            }
        )
    return headers


def _responses(endpoint: Endpoint, references: dict[type[BaseModel], Json]) -> Json:
    success: Json = {"description": HTTPStatus(endpoint.status).phrase}
    if endpoint.reply is not None:
        success["content"] = {JSON: {"schema": references[endpoint.reply]}}
    elif endpoint.status != 204:
        anything: Json = {} if endpoint.produces == JSON else {"type": "string"}
        success["content"] = {endpoint.produces: {"schema": anything}}
    if endpoint.versioned and endpoint.reply is not None:
        success["headers"] = {"ETag": _ENTITY_TAG}
    responses: Json = {str(endpoint.status): success}
    for status, codes in sorted(_failures(endpoint).items()):
        responses[str(status)] = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}",
            "content": {PROBLEM_JSON: {"schema": {"$ref": _REF.format(model="Problem")}}},
        }
    return responses


def _failures(endpoint: Endpoint) -> dict[int, list[str]]:
    codes = list(endpoint.errors)
    takes_input = endpoint.body or endpoint.query or endpoint.parameters or endpoint.headers
    implied = {
        "INVALID_PAYLOAD": bool(takes_input),
        "UNAUTHENTICATED": endpoint.may.roles is not None,
        "TOKEN_EXPIRED": endpoint.may.roles is not None,
        "FORBIDDEN": endpoint.may.roles is not None and endpoint.may.name != "member",
        "PAYLOAD_TOO_LARGE": endpoint.body is not None or endpoint.raw_body,
        "UNSUPPORTED_MEDIA_TYPE": endpoint.body is not None,
        "ILLEGAL_STATE": endpoint.idempotent,
        "VERSION_MISMATCH": endpoint.updates,
        "VERSION_REQUIRED": endpoint.updates,
        "RATE_LIMITED": endpoint.rate is not Rate.UNLIMITED,
        "INTERNAL": True,
        "UNAVAILABLE": True,
    }
    failures: dict[int, list[str]] = {}
    for code, status in STATUS.items():
        if code in codes or implied.get(code.value, False):
            failures.setdefault(status, []).append(code.value)
    return failures
