"""``rapport call``: two people, two WebRTC peers, one paid call, shown as it happens and then looked at from outside."""

from bootstrap.call.own import own_server
from bootstrap.call.run import run_call
from bootstrap.call.screen import Quiet, RichScreen, Screen
from bootstrap.call.story import (
    Address,
    CallOptions,
    CallResult,
    Check,
    Moment,
    Place,
    Road,
    Start,
    road_of,
)

__all__ = [
    "Address", "CallOptions", "CallResult", "Check", "Moment", "Place", "Quiet", "RichScreen", "Road", "Screen", "Start",
    "own_server", "road_of", "run_call",
]  # fmt: skip
