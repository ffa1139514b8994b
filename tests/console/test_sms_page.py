"""The test-send page: for supervisors, with everything that the provider said."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from console_browsing import enter, field
from console_world import World
from starlette.testclient import TestClient

from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.simulate.sms_server import SmsServer
from callbot.sms_settings import load_sms
from callbot.sms_trial import try_out


@pytest.fixture
def server() -> Iterator[SmsServer]:
    running = SmsServer().start()
    yield running
    running.stop()


def client(deps: ConsoleDeps, server: SmsServer, tmp_path: Path) -> TestClient:
    file = tmp_path / "sms.toml"
    file.write_text(server.settings())
    sms = load_sms(file)
    ready = replace(deps, sms_ready=True, sms_providers=tuple(sms.order), try_sms=partial(try_out, sms, receipt_s=5.0))
    return TestClient(create_app(ready), headers={"origin": "http://testserver", "accept": "text/html"})


def test_a_supervisor_sends_one(deps: ConsoleDeps, world: World, server: SmsServer, tmp_path: Path) -> None:
    """One message to the number given; checks, answer and arrival are shown; the access log knows."""
    browser = client(deps, server, tmp_path)
    enter(browser, "boss")
    token = field(browser.get("/sms").text, "csrf_token")
    form = {"csrf_token": token, "provider": "solapi", "number": "010-0000-9001"}
    page = browser.post("/sms", data=form).text
    assert [one.to for one in server.accepted] == ["01000009001"]
    assert "도착: <b>도착</b>" in page
    assert server.accepted[0].message_id in page
    wrong = browser.post("/sms", data=form | {"number": "12"}).text
    assert 'role="alert"' in wrong
    assert len(server.accepted) == 1


def test_not_for_caseworkers(deps: ConsoleDeps, world: World, server: SmsServer, tmp_path: Path) -> None:
    """Nor without the form's token."""
    browser = client(deps, server, tmp_path)
    enter(browser, "jieun")
    assert browser.get("/sms").status_code == 403
    enter(browser, "boss")
    assert browser.post("/sms", data={"provider": "solapi", "number": "010-0000-9001"}).status_code == 403
    assert server.accepted == []
