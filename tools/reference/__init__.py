"""Pages of ``docs/`` that are read out of the code."""
