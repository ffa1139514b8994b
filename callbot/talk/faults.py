"""Where an error came from, for a log that must not quote the person: its text and traceback may."""

from pathlib import Path


def place_of(error: BaseException) -> str:
    """`file.py:line` of the innermost frame; empty for an error that was never raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
