"""Whose address it is, behind proxies that are trusted and ones that are not, and what counts as one place."""

from ipaddress import ip_network

import pytest

from domain.addresses import client_address, limit_key

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], "198.51.100.1"),
        (None, [], "unix"),
    ],
)
def test_the_nearest_address_that_no_trusted_proxy_has_is_the_clients(
    peer: str | None, forwarded: list[str], address: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


@pytest.mark.parametrize("peer", ["10.0.0.1", "::1", None])
def test_without_trusted_proxies_nobody_says_an_address_of_another(peer: str | None) -> None:
    assert client_address(peer, ["198.51.100.1"], ()) == (peer or "unix")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "2001:0DB8:0001:0002::99"),
        ("198.51.100.1", "::ffff:198.51.100.1"),
        ("unix", "unix"),
    ],
)
def test_one_site_is_one_key(one: str, other: str) -> None:
    assert limit_key(one) == limit_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("198.51.100.1", "198.51.100.2"),
        ("198.51.100.1", "::198.51.100.1"),
        ("unix", "198.51.100.1"),
    ],
)
def test_different_sites_have_different_keys(one: str, other: str) -> None:
    assert limit_key(one) != limit_key(other)
