"""The console in a real Chromium: what a caseworker's hands and eyes do."""

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
import uvicorn
from console_world import NOW, PASSWORD, World
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from callbot.console.app import create_app
from callbot.console.deps import ConsoleDeps
from callbot.store import tables as t
from callbot.store.page_link import token_of

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
]
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 800}
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: `make test` installs it (scripts/setup-test-tools.sh)"
)


@dataclass
class Served:
    """A console on a real port."""

    url: str
    world: World


@pytest.fixture
def served(deps: ConsoleDeps, world: World) -> Iterator[Served]:
    """Served by uvicorn from a thread, as the service does."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = create_app(replace(deps, refresh_s=0.3))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", world)
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, served: Served) -> Iterator[Callable[[dict[str, int]], Page]]:
    """A logged-in page of a size; at its end no script failed and nothing was refused by the page's own policy."""
    faults: list[str] = []
    contexts = []

    def opened(size: dict[str, int]) -> Page:
        context = chromium.new_context(viewport=size, locale="ko-KR")  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if _is_fault(line) else None)
        page.goto(served.url + "/login")
        page.fill("#login", "jieun")
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/today")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def _is_fault(line: ConsoleMessage) -> bool:
    """Chromium also reports what two tests do on purpose: being offline, and being logged out."""
    meant = ("ERR_INTERNET_DISCONNECTED", "401 (Unauthorized)")
    return line.type == "error" and not any(text in line.text for text in meant)


OpenPage = Callable[[dict[str, int]], Page]


def test_from_the_board_to_a_closed_case(open_page: OpenPage, served: Served) -> None:
    """Log in, open the worst case, hear the quote, take it, record the outcome: on a phone, all by hand."""
    page = open_page(PHONE)
    page.get_by_role("link", name="김순자").first.click()
    page.wait_for_url("**/cases/1")
    page.get_by_role("button", name="0:16부터 듣기").click()
    page.wait_for_function("document.querySelector('#recording').currentTime > 15.7")
    page.wait_for_function("!document.querySelector('#recording').paused")
    page.get_by_role("button", name="아침은 못 먹었어. 어제 저녁에").click()
    page.wait_for_function("document.querySelector('#recording').currentTime > 42.6")
    expect(page.locator(".turn.now")).to_contain_text("아침은 못 먹었어")
    page.click("#acknowledge")
    expect(page.get_by_text("맡음은 끝이 아닙니다")).to_be_visible()
    page.get_by_label("119 신고").check()
    page.click("#close")
    assert page.evaluate("document.querySelector('#note').validity.valueMissing")
    page.fill("#note", "119와 함께 방문, 병원 이송")
    page.click("#close")
    expect(page.get_by_text("종결: 119 신고")).to_be_visible()
    case = served.world.rows(t.cases, t.cases.c.id == 1)[0]
    assert (case.outcome, case.note) == ("called_119", "119와 함께 방문, 병원 이송")


def test_two_touches_from_the_sms_to_taken(chromium: Browser, served: Served) -> None:
    """The link of the page, then 맡음: on a phone that nobody has logged in on; then the ladder has stopped."""
    message = served.world.rows(t.pages)[0]
    link = f"{served.url}/p/{token_of(served.world.store.keys, message.id, message.worker_id)}"
    context = chromium.new_context(viewport=PHONE, locale="ko-KR")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(link)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.click("#take")
    expect(page.get_by_text("맡으셨습니다")).to_be_visible()
    expect(page.locator("#take")).to_have_count(0)
    page.click("#more")
    page.wait_for_url("**/login?next=/cases/1")
    context.close()
    assert served.world.rows(t.cases, t.cases.c.id == 1)[0].state == "acknowledged"


def test_bytes_are_counted_while_typing(open_page: OpenPage, served: Served) -> None:
    """By the server; what cannot be sent is said before anybody saves."""
    with served.world.store.write() as connection:
        connection.execute(t.accounts.update().where(t.accounts.c.login == "jieun").values(role="supervisor"))
    page = open_page(DESK)
    page.goto(served.url + "/texts/critical")
    before = page.inner_text("#usual-bytes")
    page.fill("#text", "[{{ tag }}]긴급 {{ who }} {{ what }} 🚑 #{{ case }}")
    expect(page.locator("#problems")).to_contain_text("보낼 수 없는 글자가 있습니다: 🚑")
    assert page.inner_text("#usual-bytes") != before


def test_the_board_refreshes_and_keeps_its_place(open_page: OpenPage, served: Served) -> None:
    """A new emergency appears by itself; focus, scroll and a folded group stay as they were."""
    page = open_page(DESK)
    page.locator("#done > summary").click()
    row = page.locator('[data-key^="missed-"]').first
    row.focus()
    page.evaluate("scrollTo(0, 120)")
    key = row.get_attribute("data-key")
    person = served.world.person("하순이", 91, 1950, "광주 동구 00")
    served.world.case(person, "distress", "emergency", 0, "지금 숨이 차다고 하셨습니다.")
    expect(page.get_by_text("하순이")).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.key") == key
    assert page.evaluate("scrollY") >= 120
    assert page.evaluate("document.querySelector('#done').open") is False


def test_j_and_k_walk_the_queue_and_enter_opens(open_page: OpenPage) -> None:
    """A hand on the keyboard needs no mouse."""
    page = open_page(DESK)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("a:focus")).to_contain_text("박영호")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/2")


def test_a_lost_connection_is_said(open_page: OpenPage) -> None:
    """A board that cannot refresh must not look fresh."""
    page = open_page(DESK)
    expect(page.locator("#live")).to_contain_text("자동 새로 고침")
    page.context.set_offline(True)
    expect(page.locator("#live.stale")).to_contain_text("연결이 끊겼습니다")
    page.context.set_offline(False)
    expect(page.locator("#live:not(.stale)")).to_contain_text("자동 새로 고침")


def test_a_board_whose_session_is_over_shows_the_login(open_page: OpenPage, served: Served) -> None:
    """No names stay on a screen that nobody is logged in at."""
    page = open_page(DESK)
    with served.world.store.write() as connection:
        connection.execute(t.sessions.update().values(revoked_at=NOW))
    page.wait_for_url("**/login?next=/today")
    expect(page.get_by_text("김순자")).to_have_count(0)


@pytest.mark.parametrize(
    "path",
    [
        "/today",
        "/cases",
        "/cases/1",
        "/cases/3",
        "/inbox",
        "/people",
        "/people/1",
        "/office",
        "/roster",
        "/policies",
        "/texts",
        "/texts/critical",
        "/paging",
        "/workload",
        "/plan",
        "/people/1/plan",
        "/plan/ladders",
        "/plan/holds",
        "/incoming",
        "/people?left=1",
    ],
)
def test_pages_fit_a_narrow_phone_and_its_thumb(open_page: OpenPage, served: Served, path: str) -> None:
    """At 360 px nothing is wider than the screen, and whatever is pressed is at least 40 px high."""
    page = open_page(PHONE)
    page.goto(served.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, summary, .bottom a, a.row, a.person-row, a.call-button, .line, .choices label')]
            .filter(e => e.offsetParent !== null && e.getBoundingClientRect().height < 40)
            .map(e => e.className + ':' + e.textContent.trim().slice(0, 20) + ':' + e.getBoundingClientRect().height)"""
    )
    assert small == []


def test_emergency_numbers_are_two_touches_away(open_page: OpenPage) -> None:
    """From any page of the phone."""
    page = open_page(PHONE)
    page.locator(".bottom summary").click()
    for number in ("119", "109", "112", "129"):
        expect(page.locator(f'.bottom a[href="tel:{number}"]')).to_be_visible()


def test_text_stands_out_from_its_ground(open_page: OpenPage, served: Served) -> None:
    """Contrast of every visible text is at least 4.5 to 1 (WCAG AA) on the board and the case card."""
    page = open_page(DESK)
    for path in (
        "/today",
        "/cases",
        "/cases/1",
        "/cases/2",
        "/inbox",
        "/people/1",
        "/roster",
        "/texts/critical",
        "/workload",
        "/plan",
        "/people/1/plan",
        "/plan/ladders",
    ):
        page.goto(served.url + path)
        assert page.evaluate(CONTRAST) == [], path


CONTRAST = """() => {
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = (node) => { for (let n = node; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
  const weak = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.offsetParent === null) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) weak.push(node.textContent.trim().slice(0, 30) + ' ' + ((a + .05) / (b + .05)).toFixed(2));
  }
  return weak;
}"""
