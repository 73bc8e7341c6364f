"""Ports that are taken."""

import os


class PortInUse(Exception):
    """Somebody else listens where we should. The sentence names the ``variable`` that chooses another port."""

    def __init__(self, host: str, port: int, variable: str, error: OSError) -> None:
        super().__init__(
            f"Cannot listen on port {port} of {host} ({_reason(error)}). Choose another with {variable}."
        )


def _reason(error: OSError) -> str:
    # asyncio puts a sentence of its own, with the address again, where the system's reason was.
    return os.strerror(error.errno) if error.errno else str(error)
