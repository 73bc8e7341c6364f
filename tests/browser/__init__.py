"""The console in Chromium, on the whole program."""
