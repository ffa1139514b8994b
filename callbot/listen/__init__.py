"""Hearing: turns in 20 ms steps, and which transcripts are not speech at all."""
