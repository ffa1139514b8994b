"""Something slow and optional, left alone for a while after it has failed a few times: a dead model costs no call anything."""

from dataclasses import dataclass

FAILURES = 3
"""In a row, then it is left alone."""
REST_S = 60.0
LONGEST_REST_S = 600.0


@dataclass
class Circuit:
    """One for all calls of a process. Times are seconds of one clock, any clock.

    >>> circuit = Circuit(failures=1)
    >>> circuit.failed(0.0)
    >>> circuit.allows(1.0), circuit.allows(61.0), circuit.allows(61.5)
    (False, True, False)
    """

    failures: int = FAILURES
    rest_s: float = REST_S
    _in_a_row: int = 0
    _rests_until: float = 0.0
    _rest: float = 0.0

    def allows(self, now: float) -> bool:
        """Whether it may be tried. After a rest one try is let through; the others wait for what comes of it."""
        if self._in_a_row < self.failures:
            return True
        if now < self._rests_until:
            return False
        self._rests_until = now + self._rest
        return True

    def worked(self) -> None:
        """All is forgiven."""
        self._in_a_row, self._rest = 0, 0.0

    def failed(self, now: float) -> None:
        """Each rest is twice as long as the one before, ten minutes at most."""
        self._in_a_row += 1
        if self._in_a_row >= self.failures:
            self._rest = min(max(self.rest_s, self._rest * 2), LONGEST_REST_S)
            self._rests_until = now + self._rest
