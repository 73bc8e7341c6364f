"""The only place that constructs. Server, worker and tests are different calls of it."""
