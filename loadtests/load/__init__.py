"""Load on a running server, measured from outside.

``rapport load`` and ``make bench`` stand on the same core:

* :mod:`~loadtests.load.wire`: one Socket.IO client that costs next to nothing;
* :mod:`~loadtests.load.pace`: when which message is due, whatever the server does;
* :mod:`~loadtests.load.histogram`, :mod:`~loadtests.load.tally`: what was seen, mergeable over processes;
* :mod:`~loadtests.load.fleet`: several generator processes and the one that steers them;
* :mod:`~loadtests.load.crew`: what each of these processes holds: its sockets, and what they do;
* :mod:`~loadtests.load.generator`: the loads of the benchmark, ready to be run.

Only ``rapport load`` needs the rest, which ``docs/loadtests.md`` describes:

* :mod:`~loadtests.load.scenarios`: what there is, and how to add one;
* :mod:`~loadtests.load.target`, :mod:`~loadtests.load.people`: whom it goes to, who goes there;
* :mod:`~loadtests.load.run`, :mod:`~loadtests.load.seek`: one load, and the search for a ceiling;
* :mod:`~loadtests.load.view`, :mod:`~loadtests.load.report`: what a person is shown.
"""
