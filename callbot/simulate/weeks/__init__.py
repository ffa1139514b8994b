"""Accelerated weeks: the real workflows, dialler, dialogue and store; only time, the telephone line and people are invented."""
