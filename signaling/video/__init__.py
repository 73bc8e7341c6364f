"""Scheduled sessions: seats, signals, their end, and the proofs of media that overtime is charged by."""
