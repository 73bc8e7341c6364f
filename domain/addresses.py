"""Where a client is, behind proxies, and what counts as one place when requests are limited by it."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

#: The peer of a connection that has no address, a Unix socket's.
LOCAL_PEER = "unix"
#: Whoever has one IPv6 address usually has its whole /64 (RFC 6177): a limit per address would be none.
_SITE_BITS = 64


def client_address(peer: str | None, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """The nearest address on the way that no trusted proxy has.

    ``forwarded`` are the values of ``X-Forwarded-For``, believed from right to left as long as the one who says it is
    in ``trusted``; what stands further left may have been written by anybody. Only a proxy of one's own can open a
    Unix socket (``peer`` None), so it is trusted as soon as any is.
    """
    address = peer or LOCAL_PEER
    hops = [hop.strip() for hop in ",".join(forwarded).split(",")]
    for hop in reversed(hops):
        if not _is_trusted(address, trusted) or _parsed(hop) is None:
            break
        address = hop
    return address


def limit_key(address: str) -> str:
    """What requests from ``address`` are counted by: an IPv4 address, an IPv6 /64, or the text itself if it is neither."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed), _SITE_BITS), strict=False))
    return address if parsed is None else str(parsed)


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    if parsed is None:
        return bool(trusted)
    return any(parsed in network for network in trusted)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address; an IPv4 one that an IPv6 socket saw (``::ffff:192.0.2.1``) as itself."""
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed
