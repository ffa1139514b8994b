"""Fixtures for every test."""

import pytest
from ledger_fixtures import (  # noqa: F401 - fixtures
    make_town,
    postgres_store,
    postgres_url,
    sqlite_store,
    sqlite_template,
    store,
    town,
)

from callbot.adapters.kiwi import KiwiAnalyser
from callbot.lexicon_files import load_lexicon
from callbot.understand.understander import Understander


@pytest.fixture(scope="session")
def understander() -> Understander:
    """The shipped lexicon over Kiwi; warmed once, which takes seconds."""
    analyser = KiwiAnalyser()
    analyser.warm()
    return Understander(load_lexicon(), analyser)
