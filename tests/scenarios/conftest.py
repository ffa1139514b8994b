"""`pytest tests/scenarios --update` rewrites the golden calls."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite golden calls with what really happens")
