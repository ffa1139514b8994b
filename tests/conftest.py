"""Fixtures for every test."""

import pytest

from callbot.adapters.kiwi import KiwiAnalyser
from callbot.lexicon_files import load_lexicon
from callbot.understand.understander import Understander


@pytest.fixture(scope="session")
def understander() -> Understander:
    """The shipped lexicon over Kiwi; warmed once, which takes seconds."""
    analyser = KiwiAnalyser()
    analyser.warm()
    return Understander(load_lexicon(), analyser)
