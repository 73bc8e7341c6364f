"""What it costs that a call, or an audience, is spread over processes: ``python -m loadtests.cluster``."""
