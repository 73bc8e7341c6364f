"""Socket.IO underneath: the only package that touches the internals of python-socketio, python-engineio and aiohttp.

:class:`EngineServer` can be used alone, in place of ``socketio.AsyncServer``.
"""

from realtime.engine.server import EngineServer

__all__ = ["EngineServer"]
