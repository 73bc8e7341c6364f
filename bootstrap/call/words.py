"""Numbers as people read them."""

from domain.currencies import decimals_of

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def money(amount: int, currency: str) -> str:
    """``$7.58``, ``¥1200``, ``12.50 CHF``."""
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    decimals = decimals_of(currency)
    whole, part = divmod(amount, 10**decimals)
    number = f"{whole}.{part:0{decimals}d}" if decimals else str(whole)
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {currency}"


def clock(seconds: float) -> str:
    """``3:02``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def span(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min``, ``2 min 30 s``."""
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def phrase(code: str) -> str:
    """``media_disconnected`` → ``media disconnected``."""
    return code.replace("_", " ")


def plural(count: int, noun: str) -> str:
    """``1 frame``, ``2 frames``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
