"""The servers that ``make bench`` compares, each a process of its own that speaks the same frames.

* :mod:`~loadtests.peers.rapport`: our real socket door, with use cases that answer from memory;
* :mod:`~loadtests.peers.engine`: our engine alone, with the handlers of :mod:`~loadtests.peers.handlers`;
* :mod:`~loadtests.peers.stock`: python-socketio with those very handlers;
* :mod:`~loadtests.peers.floor`: bare aiohttp WebSockets that write the frames by hand;
* ``node/server.mjs``: socket.io of Node.js, the same handlers in JavaScript.

Each prints ``{"port": …, "pid": …}`` when it listens on 127.0.0.1, and answers beside its sockets:

* ``GET /bench/stats``: :func:`loadtests.peers.desk.stats`;
* ``POST /bench/gc``: the same, after garbage was collected and memory given back;
* ``POST /bench/fanout`` ``{count, perSecond, bytes, coachId}``: sends so many ``coach_status`` to whoever watches;
* ``POST /bench/profile`` ``{on}`` (Python): starts or ends a profile; the end answers it as text.

``BENCH_SECRET`` signs the access tokens: every server verifies signature and expiry of each.
"""
