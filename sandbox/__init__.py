"""An offline Stripe: the REST dialect of Stripe, its rules enforced, its state kept in one SQLite file.

It exists so that the same gateway code runs with no account, no network and no invented answers, and so that the
faults a real gateway shows once a year (a timeout after success, a replayed 500, webhooks twice and out of order) can
be asked for. It imports nothing else of this project.
"""
