"""Placing an attempt: its states, what the network's causes mean, and what may be dialled at all."""
