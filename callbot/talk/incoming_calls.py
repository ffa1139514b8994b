"""Calls that come to us: the person themselves, a stranger with a message, or somebody who has to wait."""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

import structlog

from callbot.converse.addressee import Addressee
from callbot.converse.exchange import Talk
from callbot.converse.incoming import incoming_call, stranger_call
from callbot.converse.lines import Wording
from callbot.converse.outcome import ContactResult, Outcome
from callbot.converse.script import Script
from callbot.converse.transcript import Turn
from callbot.dial.attempt_end import AttemptEnd
from callbot.line.decoding import Decoding
from callbot.line.live_line import LiveLine
from callbot.line.ports import Leg, NoRecorder
from callbot.store.attempt_rows import StaleToken
from callbot.talk.answered_call import AnsweredCall, Shown
from callbot.talk.close_call import close_call
from callbot.talk.flight import Flight
from callbot.talk.hold_call import hold_call
from callbot.talk.one_attempt import Surroundings
from callbot.talk.which_dialogue import spoken_to_callers
from callbot.understand.meaning import Signal
from callbot.workflows.finish_call import finish_attempt
from callbot.workflows.take_incoming import CheckIn, InCall, Taken, take_incoming
from callbot.workflows.take_message import end_without_message, take_message

RENDER_S = 8.0
"""Who was called lately has their lines ready; for anybody else the caller waits at most so long for their name."""

log = structlog.get_logger()


class IncomingCalls:
    """One per line process, beside its dialler. `most` at the same time, over and above the calls that we place."""

    def __init__(
        self,
        around: Surroundings,
        *,
        district: str,
        callback: str,
        script: str,
        most: int,
        let_go: Callable[[tuple[str, ...]], "asyncio.Future[None] | None"],
        show: Shown = lambda _key, _what: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`script`: what strangers hear; `let_go`: hang up attempts by their keys."""
        self._around = around
        self._stranger = Addressee("", district=district, callback=callback)
        self._script = script
        self._most = most
        self._let_go = let_go
        self._show = show
        self._changed = changed
        self._running = 0

    def may_take(self) -> bool:
        """A channel is free; no: the caller hears the recorded notice of the dialplan."""
        return self._running < self._most and self._words_for_strangers() is not None

    def lines(self) -> list[tuple[str, bool]]:
        """What strangers may hear, to be rendered before anybody calls."""
        script = self._words_for_strangers()
        spoken = spoken_to_callers(script, self._stranger) if script is not None else []
        named = {self._stranger.call_name}
        return [line for line in spoken if not any(name in line[0] for name in named)]

    async def on_leg(self, leg: Leg, number: str) -> None:
        """Serve it to its end; `number`: digits, empty where they were withheld."""
        self._running += 1
        try:
            taken = await self._take(leg.key, number)
            log.info("incoming", kind=type(taken).__name__)
            match taken:
                case CheckIn():
                    await self._check_in(leg, taken)
                case InCall(incoming_id=incoming_id):
                    await self._wait_your_turn(leg)
                    await self._end(incoming_id, "in_call")
                case _:
                    await self._message(leg, taken.incoming_id)
        finally:
            self._running -= 1
            self._changed()

    def _words_for_strangers(self) -> Script | None:
        script = self._around.scripts.get(self._script)
        return script if script is not None and script.incoming is not None else None

    async def _take(self, key: str, number: str) -> Taken:
        around = self._around
        scripts = {name for name, script in around.scripts.items() if script.incoming is not None}
        return await asyncio.to_thread(
            take_incoming, around.store, number, key, around.now(), around.plan.owner, scripts=scripts
        )

    # -- the person ------------------------------------------------------------------------------------------------------

    async def _check_in(self, leg: Leg, taken: CheckIn) -> None:
        around = self._around
        order = taken.order
        if taken.superseded:
            self._let_go(taken.superseded)
        flight = around.flights[order.key] = Flight(order, has_leg=True)
        flight.abort = getattr(leg, "abort", None)
        flight.answered.set_result(taken.call_id)
        script, addressee = around.whom(order.callee)
        if script.incoming is None:  # a script of the person's own, without words for callers
            script = self._words_for_strangers() or script
        try:
            await self._ready(script, addressee)
            await self._converse(leg, flight, script, addressee)
            flight.served = True
        finally:
            flight.over.set()
            await self._finish(flight)
            del around.flights[order.key]

    async def _converse(self, leg: Leg, flight: Flight, script: Script, addressee: Addressee) -> None:
        around = self._around
        call = AnsweredCall(
            flight, around.senses, around.store, now=around.now, data_dir=around.plan.data_dir, show=self._show
        )
        await call.serve(leg, script, addressee, incoming_call(script, addressee))

    async def _ready(self, script: Script, addressee: Addressee) -> None:
        rendering = self._around.renderer.render(spoken_to_callers(script, addressee))
        try:
            async with asyncio.timeout(RENDER_S):
                await rendering
        except Exception as error:  # noqa: BLE001 - the boundary of rendering: what is ready is said
            log.warning("incoming_lines_missing", error=type(error).__name__)

    async def _finish(self, flight: Flight) -> None:
        around, order = self._around, flight.order
        try:
            if flight.outcome is not None and not flight.interrupted:
                await close_call(around.store, around.senses.understander, flight, flight.outcome, around.now)
                return
            end = AttemptEnd.INTERRUPTED if flight.interrupted else AttemptEnd.SYSTEM_FAILURE
            await asyncio.to_thread(
                finish_attempt, around.store, order.attempt_id, order.token, end, around.now(), detail="called_in"
            )
        except StaleToken:
            log.warning("attempt_taken_over", attempt=order.attempt_id)

    # -- anybody else ----------------------------------------------------------------------------------------------------

    async def _message(self, leg: Leg, incoming_id: int) -> None:
        script = self._words_for_strangers()
        if script is None:
            return
        note = _Message(partial(self._alarm, incoming_id))
        outcome = await self._talk(leg, stranger_call(script, self._stranger), note)
        await note.settled()
        wanted = bool(outcome.requests) or outcome.result in {ContactResult.DO_NOT_CALL, ContactResult.REPORTED}
        if note.text and (wanted or outcome.signals or outcome.hung_up):
            now = self._around.now()
            await asyncio.to_thread(
                take_message, self._around.store, incoming_id, note.text, now, outcome.signals, outcome.reported
            )
        else:
            await self._end(incoming_id, "nothing")

    def _alarm(self, incoming_id: int, text: str, signals: tuple[Signal, ...]) -> None:
        take_message(self._around.store, incoming_id, text, self._around.now(), signals)
        self._changed()

    async def _wait_your_turn(self, leg: Leg) -> None:
        script = self._words_for_strangers()
        if script is None:
            return
        line = LiveLine(leg, Decoding(self._around.senses.ears), self._around.senses.voice_activity())
        hearing = asyncio.create_task(line.run(), name="line")
        try:
            line.answered(NoRecorder())
            words = Wording(script, self._stranger)["incoming.in_call"]
            clip = self._around.senses.voice.clip(words.text) or b""
            with contextlib.suppress(Exception):  # they may hang up first
                await line.say(clip, interruptible=False)
                await line.hang_up()
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _talk(self, leg: Leg, dialogue: Talk[Outcome], note: "_Message") -> Outcome:
        senses = self._around.senses
        line = LiveLine(leg, Decoding(senses.ears), senses.voice_activity())
        hearing = asyncio.create_task(line.run(), name="line")
        try:
            line.answered(NoRecorder())
            return await hold_call(dialogue, line, senses.voice, note, senses.understander.hear)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _end(self, incoming_id: int, outcome: str) -> None:
        around = self._around
        await asyncio.to_thread(end_without_message, around.store, incoming_id, outcome, around.now())


class _Message:
    """talk.ports.Record of a call that is not recorded: the caller's words, and what alarms in them goes out at once."""

    def __init__(self, alarm: Callable[[str, tuple[Signal, ...]], None]) -> None:
        self._alarm = alarm
        self._said: dict[int, str] = {}
        self._alarms: list[asyncio.Future[None]] = []

    @property
    def text(self) -> str:
        """All that was said, in order."""
        return " ".join(self._said[index] for index in sorted(self._said))

    def turn(self, turn: Turn) -> None:
        """Keep the caller's words."""
        if turn.who == "person" and turn.rejected is None and turn.text.strip():
            self._said[turn.index] = turn.text.strip()

    def page(self, signals: tuple[Signal, ...]) -> None:
        """Tell a human now."""
        quotes = " ".join(dict.fromkeys(signal.quote for signal in signals))
        self._alarms.append(asyncio.ensure_future(asyncio.to_thread(self._alarm, self.text or quotes, signals)))

    async def settled(self) -> None:
        """The alarms are written."""
        for failed in await asyncio.gather(*self._alarms, return_exceptions=True):
            if isinstance(failed, BaseException):
                log.error("incoming_alarm_failed", error=type(failed).__name__)
