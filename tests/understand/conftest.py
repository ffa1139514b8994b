"""Fixtures for understanding."""

import pytest

from callbot.understand.understander import Understander
from callbot.understand.units import Unit


@pytest.fixture(scope="session")
def units_of_text(understander: Understander):
    """Text to units by the shipped normaliser and Kiwi."""

    def units(text: str) -> tuple[Unit, ...]:
        return tuple(understander.reader(text).units)

    return units
