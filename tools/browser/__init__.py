"""The console in a real browser: what its tests and the pictures of the README are made with."""
