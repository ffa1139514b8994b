"""Public holidays in Korea, with lunar and substitute days."""

from collections.abc import Iterable
from datetime import date

import holidays


def korean_holidays(years: Iterable[int], *, substitute: bool = True) -> dict[date, str]:
    """Date -> name in Korean, for those years."""
    found = holidays.country_holidays("KR", years=list(years), language="ko", observed=substitute)
    return {day: str(name) for day, name in found.items()}
