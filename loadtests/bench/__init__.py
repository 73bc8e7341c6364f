"""``make bench``: our server beside python-socketio, Node's socket.io and bare aiohttp, on one machine in one run.

What is compared is CPU time of the server, which it counts itself, never wall time: a machine that is busy with something else
makes a run longer, not dearer. Figures of different runs do not compare; ratios inside one alternation do
(:mod:`~loadtests.bench.arithmetic`), and their median over the alternations is what a target is held against
(:mod:`~loadtests.bench.targets`).
"""
