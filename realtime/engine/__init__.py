"""Socket.IO underneath: the only package that touches the internals of python-socketio and python-engineio."""
