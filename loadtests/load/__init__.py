"""Load on a running server, measured from outside.

``rapport load`` and ``make bench`` stand on the same core:

* :mod:`~loadtests.load.wire`: one Socket.IO client that costs next to nothing;
* :mod:`~loadtests.load.pace`: when which message is due, whatever the server does;
* :mod:`~loadtests.load.histogram`, :mod:`~loadtests.load.tally`: what was seen, mergeable over processes;
* :mod:`~loadtests.load.fleet`: several generator processes and the one that steers them;
* :mod:`~loadtests.load.crew`: what each of these processes holds: its sockets, and what they do;
* :mod:`~loadtests.load.generator`: the loads of the benchmark, ready to be run.
"""
