"""A browser's ways, for tests."""

import re
from datetime import datetime, timedelta

from console_world import NOW, PASSWORD
from starlette.testclient import TestClient

ORIGIN = {"origin": "http://testserver", "accept": "text/html"}


class Clock:
    """The wall clock of a test."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


def field(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


def enter(client: TestClient, login: str, password: str = PASSWORD, **more: str) -> int:
    """Fill in the log-in form; the status of the answer."""
    token = field(client.get("/login").text, "csrf_token")
    form = {"csrf_token": token, "login": login, "password": password, "next": ""} | more
    return client.post("/login", data=form).status_code
