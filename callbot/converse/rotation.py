"""Which wording of a line is due: nobody hears the same words week after week."""

from collections.abc import Sequence


def least_worn(wordings: Sequence[str], said: Sequence[str]) -> str:
    """The first that was never said, else the one that was said longest ago. `said`: of earlier calls, the latest first.

    >>> least_worn(("가", "나", "다"), ("나", "가"))
    '다'
    >>> least_worn(("가", "나"), ("나", "가", "나"))
    '가'
    """
    return max(wordings, key=lambda wording: said.index(wording) if wording in said else len(said) + 1)
