"""How many connections one place may open."""

from ipaddress import ip_network

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from realtime.admission import Admission, AdmissionRules
from realtime.metrics import Counts

RULES = AdmissionRules(proxies=(ip_network("10.0.0.0/8"),), per_address=2)


def request_from(address: str) -> web.Request:
    request = make_mocked_request(
        "GET", "/socket.io/?transport=websocket", headers={"X-Forwarded-For": address}
    )
    return request.clone(remote="10.0.0.1")


def test_the_addresses_of_one_ipv6_network_share_a_limit_until_one_is_closed() -> None:
    admission = Admission(RULES, Counts())
    told = [admission.opened(name, request_from(f"2001:db8:0:7::{name}")) for name in ("a", "b")]

    third = admission.judge(request_from("2001:db8:0:7::c"), fresh=True)
    neighbour = admission.judge(request_from("2001:db8:0:8::1"), fresh=True)
    admission.closed("a")

    assert told == ["2001:db8:0:7::a", "2001:db8:0:7::b"]
    assert third is not None
    assert third.status == 429
    assert neighbour is None
    assert admission.judge(request_from("2001:db8:0:7::c"), fresh=True) is None
