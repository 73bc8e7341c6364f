"""Servers are replaced while hundreds of calls go on: ``python -m loadtests.drain``."""
