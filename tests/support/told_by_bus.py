"""``rapport``, but its server reads the store's revocations at its start only: of later ones the bus tells it, or nobody."""

from functools import partial

from bootstrap import serve
from bootstrap.cli import main

#: Seconds; no test lasts so long.
NEVER = 24 * 3600.0

if __name__ == "__main__":
    serve.RevocationWatch = partial(serve.RevocationWatch, period=NEVER)  # type: ignore[misc, assignment]
    main()
