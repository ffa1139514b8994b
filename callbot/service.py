"""The running service: media, switchboard, ears, and the workers that ask the ledger what is due."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import structlog

from callbot.adapters.asterisk_ami import NotConnected, Switchboard
from callbot.adapters.asterisk_config import AsteriskError
from callbot.adapters.asterisk_media import MediaLeg, MediaServer
from callbot.answering import Answers
from callbot.bootstrap import Parts
from callbot.console_server import ConsoleServer, console_deps
from callbot.converse.addressee import Addressee, AddressForm
from callbot.dial.progress import CallProgress
from callbot.heartbeat import EVERY_S, Heartbeat, PartsDown
from callbot.hooks import HooksServer
from callbot.listening import taking_port
from callbot.senders import providers
from callbot.sending import Outbox
from callbot.service_dialling import DiallingDuties
from callbot.service_ledger import LedgerDuties
from callbot.service_rules import RuleDuties
from callbot.talk.answered_call import Shown
from callbot.talk.crisis_transfer import PREFIX as JOIN
from callbot.talk.dialler import Dialler
from callbot.talk.incoming_calls import IncomingCalls
from callbot.talk.transfer_desk import TransferDesk
from callbot.talk.voice_page import PREFIX, VoicePage
from callbot.talk.which_dialogue import DEFAULT_SCRIPT, spoken_by, unnamed_lines
from callbot.ticks import Ticks, Worker
from callbot.understand.meaning import Topic
from callbot.workflows.place_due import callees_due

CONNECT_S = 15.0
RENDER_AHEAD = timedelta(hours=24)
"""How long before a call its lines are rendered; a line takes about as long as it lasts."""

"""Whose words for callers a stranger hears."""

log = structlog.get_logger()


class Service:
    """Everything on one machine. `start`, then `stop`; both wait."""

    def __init__(
        self,
        parts: Parts,
        *,
        phone_port: Callable[[str], int],
        show: Shown = lambda _key, _what: None,
        place_every_s: float = 1.0,
        demo: bool = False,
    ) -> None:
        """`phone_port`: E.164 of a virtual recipient -> SIP port. Raises KeyError."""
        self.parts = parts
        self.demo = demo
        settings = parts.settings
        self._switchboard: Switchboard | None = None
        self._media: MediaServer | None = None
        self._asterisk_is_ours = False
        self._console = ConsoleServer(
            console_deps(parts, self.wake, demo=demo), settings.console_host, settings.console_port
        )
        self._duties = DiallingDuties(parts, phone_port, self.wake)
        self._rules = RuleDuties(parts.store, parts.senses.understander, parts.clock.now)
        self.voice_page = VoicePage(
            self._board,
            parts.renderer,
            parts.voice,
            self._duties.worker_dial_string,
            settings.caller_number,
            ring_s=parts.sms.voice.ring_s if parts.sms else settings.ring_s,
        )
        self._answers = Answers(parts.store, lambda: self.outbox)
        self.outbox = Outbox(
            parts.store,
            providers(parts.sms, voice=self.voice_page, demo=demo),
            parts.clock.now,
            owner=settings.node,
            wake=self.wake,
            act=self._answers.act,
        )
        self.hooks = HooksServer(self.outbox)
        self.dialler = Dialler(
            parts.store,
            self._board,
            parts.senses,
            parts.renderer,
            parts.scripts,
            plan=self._duties.plan(),
            now=parts.clock.now,
            show=show,
            changed=self.wake,
        )
        self.transfers = self.dialler.around.transfers = TransferDesk(
            parts.store,
            self._board,
            parts.renderer,
            parts.voice,
            self._duties.worker_dial_string,
            settings.caller_number,
            now=parts.clock.now,
            changed=self.wake,
        )
        self.incoming = IncomingCalls(
            self.dialler.around,
            district=settings.district,
            callback=settings.caller_number,
            script=DEFAULT_SCRIPT,
            most=settings.max_incoming,
            let_go=self.dialler.let_go,
            show=show,
            changed=self.wake,
        )
        self._down = PartsDown(
            {
                "asterisk": lambda: self._switchboard is not None and self._switchboard.connected,
                "ears": parts.ears.healthy,
                "voice": lambda: self.ticks.workers["voice"].failures == 0,
            }
        )
        self._heartbeat = Heartbeat(parts.store, f"serve:{settings.node}", parts.clock.now, self._figures)
        self.ticks = Ticks(self._workers(place_every_s))

    def _workers(self, place_every_s: float) -> list[Worker]:
        return [
            Worker("place", place_every_s, self.dialler.place),
            Worker("critical", 0.5, self.outbox.send_critical),
            Worker("pages", 1.0, self.outbox.send_others),
            Worker("receipts", 2.0, self.outbox.follow_up),
            Worker("answers", 10.0, self.outbox.left_over),
            Worker("voice", 60.0, self._render_ahead),
            Worker("doubts", 1.0, self.outbox.clear_doubts),
            Worker("asterisk", 5.0, self._keep_asterisk),
            Worker("beat", EVERY_S, self._heartbeat.beat),
            *self._duties.workers(self.dialler),
            *self._rules.workers(),
            *LedgerDuties(self.parts, self.wake, lambda: self.ticks.wake("place", "voice")).workers(),
        ]

    # -- life ----------------------------------------------------------------------------------------------------------

    async def start(self, *, scheduled: bool = True) -> None:
        """Bring everything up; raises one of UNUSABLE or PortInUse, with nothing left running.

        `scheduled` False: neither ticks nor console; whoever starts it places its calls with `dialler.call`.
        """
        try:
            await self._start(scheduled=scheduled)
        except BaseException:
            await self.stop()
            raise

    async def _start(self, *, scheduled: bool) -> None:
        parts, settings = self.parts, self.parts.settings
        await self._take_ports(console=scheduled)
        await self._duties.take_name()
        await self._rules.look()
        warm = asyncio.to_thread(parts.senses.understander.hear, "밥 먹었어요", Topic.MEALS)
        self._asterisk_is_ours = True
        starting = (parts.ears.start(), asyncio.to_thread(parts.asterisk.start), warm)
        for ended in await asyncio.gather(*starting, return_exceptions=True):  # none is left half started behind us
            if isinstance(ended, BaseException):
                raise ended
        self._switchboard = Switchboard(
            "127.0.0.1",
            settings.ami_port,
            parts.asterisk.ami_user,
            parts.asterisk.ami_secret,
            on_progress=self._on_progress,
            on_connection=self._connection,
            trunks=[trunk.name for trunk in parts.trunks],
            on_trunks=self._duties.on_trunks,
        )
        await self._switchboard.start()
        if not await self._switchboard.wait_connected(CONNECT_S):
            raise AsteriskError(f"Asterisk does not take our log-in on port {settings.ami_port} (setting ami_port)")
        await self._duties.end_what_was_left(self._board())
        if parts.senses.advising:
            parts.senses.advising.look()
        if scheduled:
            self._answers.here()
            await self.outbox.start()
            self._console.start()
            self.ticks.start()

    async def _take_ports(self, *, console: bool) -> None:
        """Before anything else: a service that runs on these ports already keeps its Asterisk and its calls."""
        parts, settings = self.parts, self.parts.settings
        media = MediaServer(
            "127.0.0.1",
            settings.media_port,
            parts.asterisk.media_secret,
            self._on_leg,
            may_take=lambda: not self.dialler.draining and self.incoming.may_take(),
        )
        with taking_port("media_port", settings.media_port):
            await media.start()
        self._media = media
        if console and parts.sms is not None and parts.sms.hooked:
            await self.hooks.start(parts.sms.hooks.host, parts.sms.hooks.port)
        if console:
            self._console.take_port()

    async def stop(self) -> None:
        """Take everything down; calls that run are cut (drain first). Asterisk ends too: it is ours."""
        if await self.ticks.stop():
            await self._heartbeat.goodbye()
        await self.dialler.abandon()
        await self.transfers.close()
        await self._console.stop()
        if self._switchboard is not None:
            await self._switchboard.stop()
        if self._media is not None:
            await self._media.stop()
        await self.parts.ears.close()
        self.parts.renderer.close()
        if self.parts.senses.advising:
            await self.parts.senses.advising.close()
        await self.hooks.stop()
        await self.outbox.close()
        if self._asterisk_is_ours:
            await asyncio.to_thread(self.parts.asterisk.stop)
        await self._duties.leave()

    async def drain(self) -> None:
        """Place no new call and finish those that run; what runs longer than `drain_s` is broken off."""
        await self.dialler.drain(self.parts.settings.drain_s)

    def wake(self) -> None:
        """The ledger has changed: look at once."""
        self.ticks.wake("place", "critical", "pages", "silence", "rules", "analyses")

    def lines_of(
        self, people: Iterable[tuple[str, AddressForm]], script: str = DEFAULT_SCRIPT
    ) -> list[tuple[str, bool]]:
        """Everything that a call of that script may say to these people (name, form of address): (text, slow)."""
        settings = self.parts.settings
        addressees = (Addressee(name, form, settings.district, settings.caller_number) for name, form in people)
        return [line for each in addressees for line in spoken_by(self.parts.scripts[script], each)]

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _figures(self) -> dict[str, Any]:
        """For the watch: counts and words, nothing personal."""
        return {
            "calls": self.dialler.busy,
            "ears_backlog": self.parts.senses.ears.backlog(),
            "draining": self.dialler.draining,
            "held": self.dialler.admitted.held,
            "ticks": self.ticks.figures(),
            **self._down.look(),
        }

    # -- what the workers do ---------------------------------------------------------------------------------------------

    async def _render_ahead(self) -> None:
        """Everything that calls of the next hours may say, long before they are dialled."""
        until = self.parts.clock.now() + RENDER_AHEAD
        for callee in await asyncio.to_thread(callees_due, self.parts.store, until):
            await self.parts.renderer.render(spoken_by(*self.dialler.whom(callee), callee.relation))
        await self.parts.renderer.render([*self.incoming.lines(), *self.transfers.lines(), *unnamed_lines()])

    async def _keep_asterisk(self) -> None:
        """An exchange that has died is started again; what was on it is found by the next listing of channels."""
        if not await asyncio.to_thread(self.parts.asterisk.running):
            log.error("asterisk_gone")
            await asyncio.to_thread(self.parts.asterisk.start)

    def _board(self) -> Switchboard:
        if self._switchboard is None:
            raise NotConnected("the service has not started")
        return self._switchboard

    def _on_progress(self, step: CallProgress) -> None:
        """Each follows its own calls."""
        self.dialler.on_progress(step)
        self.voice_page.on_progress(step)
        self.transfers.on_progress(step)

    async def _on_leg(self, leg: MediaLeg) -> None:
        if leg.caller is not None:
            await self.incoming.on_leg(leg, leg.caller)
            return
        await self._whose(leg.key).on_leg(leg)

    def _whose(self, key: str) -> "VoicePage | TransferDesk | Dialler":
        if key.startswith(JOIN):
            return self.transfers
        return self.voice_page if key.startswith(PREFIX) else self.dialler

    def _connection(self, up: bool) -> None:
        log.info("asterisk_connected" if up else "asterisk_lost")
        if up:
            self.wake()
