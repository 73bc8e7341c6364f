"""What the door takes from a request: address and request id."""

from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from rest.client import address_of, request_id_of

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def request_from(remote: str, **headers: str) -> web.Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", "/", headers=named).clone(remote=remote)


def test_the_header_of_a_trusted_proxy_says_whose_address_it_is() -> None:
    request = request_from("10.0.0.1", X_Forwarded_For="1.1.1.1, 198.51.100.1")

    assert address_of(request, PROXIES) == "198.51.100.1"


def test_without_the_header_a_proxy_is_the_client() -> None:
    assert address_of(request_from("10.0.0.1"), PROXIES) == "10.0.0.1"


def test_a_sane_request_id_is_kept() -> None:
    assert request_id_of(request_from("10.0.0.1", X_Request_Id="abc-123.XYZ")) == "abc-123.XYZ"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space in it", "évidemment"])
def test_an_odd_request_id_is_replaced(given: str) -> None:
    assert len(request_id_of(request_from("10.0.0.1", X_Request_Id=given))) == 32
