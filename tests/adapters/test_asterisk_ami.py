"""The switchboard against a manager interface that misbehaves: the measured faults of asterisk-ami cannot hurt."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
import structlog
from ami_server import AmiServer, ami_server, value

from callbot.adapters import asterisk_ami_wire
from callbot.adapters.asterisk_ami import (
    AlreadyOriginated,
    BadField,
    NotConnected,
    OriginateRefused,
    Switchboard,
    Timings,
)
from callbot.dial.progress import CallOrder, CallProgress

FAST = Timings(reply=0.2, check=0.05, backoff=(0.01, 0.02), settle=0.02, young=0.1)
SELDOM = Timings(reply=0.2, check=60.0, backoff=(0.01, 0.02), settle=0.02, young=0.0)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(3):
        while not condition():  # noqa: ASYNC110 - watches what another thread brings about
            await asyncio.sleep(0.005)


@dataclass
class Desk:
    """A switchboard and all it said."""

    server: AmiServer
    board: Switchboard = field(init=False)
    steps: list[CallProgress] = field(default_factory=list)
    connection: list[bool] = field(default_factory=list)
    broken: bool = False

    def take(self, step: CallProgress) -> None:
        self.steps.append(step)
        if self.broken:
            raise RuntimeError("a listener's bug")

    def kinds(self, key: str) -> list[str]:
        return [step.kind.value for step in self.steps if step.attempt_key == key]

    async def until(self, key: str, kind: str) -> CallProgress:
        await until(lambda: kind in self.kinds(key))
        return next(step for step in self.steps if (step.attempt_key, step.kind) == (key, kind))


@contextlib.asynccontextmanager
async def desk(timings: Timings = FAST, *, connected: bool = True) -> AsyncIterator[Desk]:
    async with ami_server() as server:
        at = Desk(server)
        at.board = Switchboard(
            "127.0.0.1",
            server.port,
            "callbot",
            "secret",
            on_progress=at.take,
            on_connection=at.connection.append,
            timings=timings,
        )
        await at.board.start()
        try:
            if connected:
                assert await at.board.wait_connected(3.0)
            yield at
        finally:
            await at.board.stop()


def order(key: str, **changes: str) -> CallOrder:
    return CallOrder(
        **{  # type: ignore[arg-type]
            "attempt_key": key,
            "dial_string": "PJSIP/phones/sip:+821000000001@127.0.0.1:5170",
            "caller_number": "0620000000",
            "ring_s": 20.5,
            **changes,
        }
    )


def bot_up(server: AmiServer, key: str) -> None:
    bot = {"Uniqueid": f"bot-{key}", "Linkedid": f"bot-{key}", "Channel": f"WebSocket/botmedia/{key}"}
    server.event("Newchannel", **bot, ChannelStateDesc="Down")
    server.event("Newstate", **bot, ChannelStateDesc="Up")
    server.channels.append({**bot, "ChannelStateDesc": "Up"})


def bot_down(server: AmiServer, key: str) -> None:
    server.channels = [row for row in server.channels if row["Linkedid"] != f"bot-{key}"]
    server.event("UserEvent", UserEvent="CallbotDialDone", Attempt=key, DialStatus="NOANSWER")
    server.event("Hangup", Uniqueid=f"bot-{key}", Linkedid=f"bot-{key}", Cause="16")


async def call(at: Desk, key: str) -> None:
    await at.board.originate(order(key))
    bot_up(at.server, key)
    at.server.event("UserEvent", UserEvent="CallbotPredial", Attempt=key)
    await at.until(key, "predial")


def test_what_is_sent() -> None:
    """The bot's leg in alaw with JSON control, its channel id from the key, whole seconds of ringing."""

    async def main() -> None:
        async with desk() as at:
            await at.board.originate(order("a.1_x-2", caller_name='동구청 "안부" <전화>'))
            (sent,) = at.server.sent("Originate")
            fields = dict(sent)
            assert fields["Channel"] == "WebSocket/botmedia/c(alaw)f(json)"
            assert fields["ChannelId"] == "bot-a.1_x-2"
            assert (fields["Context"], fields["Exten"], fields["Async"]) == ("callbot-out", "call", "true")
            assert fields["CallerID"] == '"동구청 안부 전화" <0620000000>'
            variables = dict(text.split("=", 1) for name, text in sent if name == "Variable")
            assert variables["CALLBOT_RING"] == "21"
            assert variables["CALLBOT_ATTEMPT"] == "a.1_x-2"
            assert variables["CALLBOT_DIAL"] == "PJSIP/phones/sip:+821000000001@127.0.0.1:5170"

    asyncio.run(main())


def test_a_quiet_line_does_not_kill_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 1: the library's time limit for connecting was one for silence, too."""
    monkeypatch.setattr(asterisk_ami_wire, "CONNECT_S", 0.05)

    async def main() -> None:
        async with desk(SELDOM) as at:
            await at.board.originate(order("k"))
            await asyncio.sleep(0.3)
            bot_up(at.server, "k")
            bot_down(at.server, "k")
            await at.until("k", "ended")
            assert at.connection == [True]
            assert at.server.logins == 1

    asyncio.run(main())


def test_a_failing_listener_costs_nobody_events() -> None:
    """Fault 2: an exception in a listener killed the reader thread; here it is logged and the next event comes."""

    async def main() -> None:
        async with desk(SELDOM) as at:
            at.broken = True
            with structlog.testing.capture_logs() as logs:
                await call(at, "k")
                bot_down(at.server, "k")
                await at.until("k", "ended")
            assert at.kinds("k") == ["predial", "ended"]
            assert {entry["event"] for entry in logs} == {"ami.listener_failed"}
            assert at.server.logins == 1

    asyncio.run(main())


def test_a_reader_that_ends_costs_one_connection_and_no_call() -> None:
    """A stray Goodbye ends the library's reader on a line that stays open; we connect again and go on with the call."""

    async def main() -> None:
        async with desk(SELDOM) as at:
            await call(at, "k")
            at.server.send("Response: Goodbye\r\n\r\n")
            await until(lambda: at.server.logins == 2 and at.board.connected)
            bot_down(at.server, "k")
            await at.until("k", "ended")
            assert at.kinds("k") == ["predial", "ended"]
            assert at.connection == [True, False, True]

    asyncio.run(main())


def test_no_answer_is_an_error_and_never_none() -> None:
    """Fault 3: a reply that does not come in time."""

    async def main() -> None:
        async with desk(SELDOM) as at:
            at.server.mute = {"Hangup", "CoreShowChannels"}
            with pytest.raises(NotConnected, match="did not answer"):
                await at.board.live_keys()
            await call(at, "k")
            with pytest.raises(NotConnected, match="did not answer Hangup"):
                await at.board.hang_up("k")
            session = at.board._session
            assert session is not None
            assert not session._replies, "an answer nobody waits for any more is forgotten"

    asyncio.run(main())


def test_an_originate_without_an_answer_still_ends_once() -> None:
    """Asterisk may or may not have placed it: the listing tells, and `ended` comes exactly once."""

    async def main() -> None:
        async with desk() as at:
            at.server.mute = {"Originate"}
            await at.board.originate(order("k"))
            step = await at.until("k", "ended")
            assert step.evidence is not None
            assert step.evidence.lost
            await asyncio.sleep(0.2)
            assert at.kinds("k") == ["ended"]

    asyncio.run(main())


def test_a_refused_login() -> None:
    """The library takes it for a response like any other; here nothing is connected, and it is tried again."""

    async def main() -> None:
        async with desk(connected=False) as at:
            at.server.login_answer = "Error"
            assert not await at.board.wait_connected(0.1)
            with pytest.raises(NotConnected):
                await at.board.originate(order("k"))
            at.server.login_answer = "Success"
            assert await at.board.wait_connected(3.0)
            await at.board.originate(order("k"))  # nothing had been sent, so the key is still good

    asyncio.run(main())


@pytest.mark.parametrize(
    "changes",
    [
        {"caller_name": "x\r\nActionID: 1"},
        {"caller_number": "1>\nVariable: A=b"},
        {"dial_string": "PJSIP/1\r\n\r\nAction: Command"},
        {"attempt_key": "a\r\nb"},
        {"attempt_key": ""},
        {"attempt_key": "k" * 65},
    ],
)
def test_nothing_breaks_out_of_its_line(changes: dict[str, str]) -> None:
    """Fault 4: a line break in a field would be a header of its own; it is refused and nothing is sent."""

    async def main() -> None:
        async with desk(SELDOM) as at:
            with pytest.raises(BadField):
                await at.board.originate(
                    order(**{"key": "k"} | {k.replace("attempt_key", "key"): v for k, v in changes.items()})
                )
            for name, text in (("A\r\nB", "x"), ("A", "x\nB: y"), ("A=1,B", "x"), ("A", "x,CALLBOT_DIAL=y")):
                with pytest.raises(BadField):
                    await at.board.originate(CallOrder("k2", "PJSIP/1", "1", variables={name: text}))
            assert not at.server.sent("Originate")
            await at.board.originate(order("k2"))  # a refused order has not used up its key

    asyncio.run(main())


def test_large_and_simultaneous_actions_arrive_whole() -> None:
    """Fault 5: partial writes and mixed-up threads; 40 at once, one of 4 MB, at a server that reads slowly."""

    async def main() -> None:
        async with desk(Timings(reply=5.0, check=60.0)) as at:
            at.server.read_pause_s = 0.005
            big = CallOrder("big", "PJSIP/1", "1", variables={"BIG": "x" * 4_000_000})
            await asyncio.gather(at.board.originate(big), *(at.board.originate(order(f"k{n}")) for n in range(40)))
            sent = at.server.sent("Originate")
            assert {value(action, "ChannelId") for action in sent} == {"bot-big", *(f"bot-k{n}" for n in range(40))}
            assert len({value(action, "ActionID") for action in sent}) == 41
            assert max(len(text) for action in sent for _, text in action) == 4_000_004

    asyncio.run(main())


def test_the_same_key_twice() -> None:
    """An attempt is never originated again, not even after its end."""

    async def main() -> None:
        async with desk(SELDOM) as at:
            await call(at, "k")
            with pytest.raises(AlreadyOriginated):
                await at.board.originate(order("k"))
            bot_down(at.server, "k")
            await at.until("k", "ended")
            with pytest.raises(AlreadyOriginated):
                await at.board.originate(order("k"))
            assert len(at.server.sent("Originate")) == 1

    asyncio.run(main())


def test_refused_by_asterisk() -> None:
    """An error at once raises, and no `ended` follows."""

    async def main() -> None:
        async with desk() as at:
            at.server.refuse = {"Originate"}
            with pytest.raises(OriginateRefused):
                await at.board.originate(order("k"))
            await asyncio.sleep(0.3)
            assert at.steps == []

    asyncio.run(main())


def test_a_call_that_ended_while_we_were_away() -> None:
    """The connection breaks, the call ends unseen: after the reconnect its end is told, once, as lost."""

    async def main() -> None:
        async with desk() as at:
            await call(at, "k")
            await asyncio.sleep(0.12)
            at.server.channels.clear()
            at.server.drop()
            step = await at.until("k", "ended")
            assert step.evidence is not None
            assert (step.cause, step.evidence.lost) == (None, True)
            await asyncio.sleep(0.2)
            assert at.kinds("k") == ["predial", "ended"]

    asyncio.run(main())


def test_a_call_that_was_answered_while_we_were_away() -> None:
    """After the reconnect the listing tells that the person's leg is up."""

    async def main() -> None:
        async with desk() as at:
            await call(at, "k")
            at.server.channels.append(
                {"Uniqueid": "17.2", "Linkedid": "bot-k", "Channel": "PJSIP/phones-1", "ChannelStateDesc": "Up"}
            )
            at.server.drop()
            await at.until("k", "answered")
            assert await at.board.live_keys() == {"k"}

    asyncio.run(main())


def test_asterisk_that_hangs() -> None:
    """Connected and silent: the check finds out, the connection is given up and made anew."""

    async def main() -> None:
        async with desk() as at:
            at.server.mute = {"CoreShowChannels"}
            await until(lambda: False in at.connection)
            at.server.mute = set()
            assert await at.board.wait_connected(3.0)

    asyncio.run(main())


def test_something_else_on_the_port() -> None:
    """Not AMI at all: no thread dies loudly, nothing is connected, and it is tried again."""

    async def main() -> None:
        async with desk(connected=False) as at:
            at.server.banner = b"SSH-2.0-OpenSSH_9.2\r\n"
            at.server.drop()
            await asyncio.sleep(0.3)
            assert not at.board.connected
            at.server.banner = b"Asterisk Call Manager/11.0.0\r\n"
            assert await at.board.wait_connected(3.0)

    asyncio.run(main())


def test_hanging_up_an_orphan() -> None:
    """A call of an earlier process: found in the listing, the person's leg first."""

    async def main() -> None:
        async with desk(SELDOM) as at:
            at.server.channels = [
                {"Uniqueid": "bot-old", "Linkedid": "bot-old", "Channel": "WebSocket/botmedia/1"},
                {"Uniqueid": "17.2", "Linkedid": "bot-old", "Channel": "PJSIP/phones-00000001"},
                {"Uniqueid": "17.9", "Linkedid": "17.9", "Channel": "PJSIP/phones-00000002"},
            ]
            assert await at.board.live_keys() == {"old"}
            await at.board.hang_up("old")
            assert [value(a, "Channel") for a in at.server.sent("Hangup")] == ["PJSIP/phones-00000001", "bot-old"]

    asyncio.run(main())


def test_stop_leaves_no_thread() -> None:
    """Neither the library's reader nor our sender outlives `stop`, although the server keeps the line open."""

    async def main() -> None:
        async with desk(SELDOM) as at:
            assert any(thread.name == "ami-reader" for thread in threading.enumerate())
            await at.board.stop()
            await asyncio.sleep(0.05)
            names = [thread.name for thread in threading.enumerate()]
            assert not [name for name in names if name.startswith("ami-")]

    asyncio.run(main())
