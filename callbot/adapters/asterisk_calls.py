"""One call as AMI tells it: events in any order in, progress out. No socket, no clock."""

from dataclasses import dataclass, field
from typing import Final

from callbot.dial.progress import CallEvidence, CallProgress, ProgressKind

BOT: Final = "bot-"
"""A bot leg's channel id is this and the attempt key; it is the Linkedid of every channel of the call."""
BROKEN: Final = 38
"""Hangup cause of a bot's leg whose socket broke; 16 is one that was closed in order (measured)."""
Packet = dict[str, str]


def key_of(packet: Packet) -> str | None:
    """The attempt key that an event speaks of."""
    for name in ("Linkedid", "DestLinkedid", "Uniqueid", "DestUniqueid"):
        if packet.get(name, "").startswith(BOT):
            return packet[name].removeprefix(BOT)
    if packet.get("Event") == "UserEvent" and packet.get("UserEvent", "").startswith("Callbot"):
        return packet.get("Attempt")
    return None


@dataclass
class CallTrack:
    """Follows one originate until nothing of it is left. `over` says that no channel is left; the end is reported by `end`."""

    key: str
    ordered_at: float
    """Monotonic."""
    over: bool = False
    ended: bool = False
    hung_up_by_us: bool = False
    bot_up: bool = False
    bot_gone: bool = False
    refused_by_asterisk: bool = False
    channels: dict[str, str] = field(default_factory=dict)
    """Uniqueid -> channel name, of those alive."""
    told: set[ProgressKind] = field(default_factory=set)
    cause: int | None = None
    tech_cause: int | None = None
    bot_cause: int | None = None
    dial_status: str | None = None
    left_alone: bool = False
    dial_refused: bool = False
    lost: bool = False

    @property
    def bot_id(self) -> str:
        """Uniqueid of the bot's channel."""
        return BOT + self.key

    @property
    def answered(self) -> bool:
        """The person's leg was up."""
        return ProgressKind.ANSWERED in self.told

    @property
    def person_channels(self) -> list[str]:
        """Names of the channels that are not the bot's."""
        return [name for uniqueid, name in self.channels.items() if uniqueid != self.bot_id]

    @property
    def complete(self) -> bool:
        """Nothing more can be learnt: no need to wait for stragglers."""
        return self.over and (not self.bot_up or self.dial_status is not None)

    def take(self, packet: Packet, now: float) -> list[CallProgress]:
        """Steps that this event of the call brings."""
        if self.ended:
            return []
        match packet.get("Event"):
            case "Newchannel" | "CoreShowChannel":
                self.channels[packet["Uniqueid"]] = packet.get("Channel", "")
                steps = self._state(packet)
            case "Newstate":
                steps = self._state(packet)
            case "DialState" | "DialEnd":
                steps = self._dial(packet)
            case "UserEvent":
                steps = self._user_event(packet)
            case "Hangup":
                steps = []
                self._hangup(packet)
            case "ConfbridgeTalking":
                steps = self._talking(packet)
            case "OriginateResponse":
                steps = []
                self._originate_response(packet)
            case _:
                steps = []
        self.over = self.refused_by_asterisk or (self.bot_gone and not self.channels)
        return [step for kind in steps if (step := self._step(kind, now)) is not None]

    def only(self, alive: set[str]) -> bool:
        """Forget channels that Asterisk does not list; whether any is left (or the call is over anyway)."""
        self.channels = {uniqueid: name for uniqueid, name in self.channels.items() if uniqueid in alive}
        self.bot_gone = self.bot_gone or (self.bot_up and self.bot_id not in alive)
        return self.over or bool(self.channels)

    def end(self, now: float) -> list[CallProgress]:
        """The last steps; empty when it was called before."""
        if self.ended:
            return []
        self.ended = True
        # A call that we cancel before the bot's leg was up has not failed.
        bot_failed = not self.bot_up and not self.lost and not self.hung_up_by_us
        steps = [CallProgress(self.key, ProgressKind.BOT_LEG_FAILED, now)] if bot_failed else []
        # The dialplan goes on after Dial only while the bot's leg lives: without its word, that leg ended first.
        bot_first = self.bot_up and self.bot_gone and self.dial_status is None and not self.hung_up_by_us
        bot_died = self.left_alone or (bot_first and self.bot_cause == BROKEN)
        evidence = CallEvidence(
            cause=self.cause,
            tech_cause=self.tech_cause,
            ringing_seen=ProgressKind.RINGING in self.told,
            early_media=ProgressKind.PROGRESS in self.told,
            answered=self.answered,
            dial_status=self.dial_status,
            bot_leg_failed=bot_failed,
            bot_died=bot_died and not self.hung_up_by_us,
            dial_refused=self.dial_refused,
            hung_up_by_us=self.hung_up_by_us or (bot_first and not bot_died),
            lost=self.lost,
        )
        return [*steps, CallProgress(self.key, ProgressKind.ENDED, now, self.cause, self.tech_cause, evidence)]

    def _step(self, kind: ProgressKind, now: float) -> CallProgress | None:
        """A step is told once, and what came before an answer is not told after it."""
        if kind in {ProgressKind.TALKING, ProgressKind.QUIET}:
            return CallProgress(self.key, kind, now)
        fresh = kind not in self.told and not self.answered
        self.told.add(kind)
        return CallProgress(self.key, kind, now) if fresh else None

    def _talking(self, packet: Packet) -> list[ProgressKind]:
        """Of the other end; the bot knows when it speaks."""
        if packet.get("Uniqueid") == self.bot_id:
            return []
        return [ProgressKind.TALKING if packet.get("TalkingStatus") == "on" else ProgressKind.QUIET]

    def _state(self, packet: Packet) -> list[ProgressKind]:
        state = packet.get("ChannelStateDesc")
        if packet.get("Uniqueid") == self.bot_id:
            self.bot_up = self.bot_up or state == "Up"
            return []
        return {"Up": [ProgressKind.ANSWERED], "Ringing": [ProgressKind.RINGING]}.get(state or "", [])

    def _dial(self, packet: Packet) -> list[ProgressKind]:
        if packet.get("DestUniqueid") == self.bot_id:
            return []  # Asterisk dialling us
        status = packet.get("DialStatus", "")
        return {
            "RINGING": [ProgressKind.RINGING],
            "PROGRESS": [ProgressKind.PROGRESS],
            "ANSWER": [ProgressKind.ANSWERED],
        }.get(status, [])

    def _user_event(self, packet: Packet) -> list[ProgressKind]:
        self.bot_up = True  # the dialplan runs only then
        match packet.get("UserEvent"):
            case "CallbotPredial":
                return [ProgressKind.PREDIAL]
            case "CallbotDialDone":
                self.dial_status = packet.get("DialStatus")
            case "CallbotApology":
                self.left_alone = True
            case "CallbotRefused":
                self.dial_refused, self.dial_status = True, "REFUSED"
        return []

    def _hangup(self, packet: Packet) -> None:
        uniqueid = packet.get("Uniqueid", "")
        self.channels.pop(uniqueid, None)
        if uniqueid == self.bot_id:
            self.bot_gone = True
            self.bot_cause = _number(packet.get("Cause"))
            return
        self.cause = _number(packet.get("Cause"))
        self.tech_cause = _number(packet.get("TechCause"))

    def _originate_response(self, packet: Packet) -> None:
        if packet.get("Response") == "Success":
            self.bot_up = True
        elif not self.channels and not self.bot_up:
            self.refused_by_asterisk = True


def _number(text: str | None) -> int | None:
    """Asterisk writes 0 for "nobody said"."""
    return int(text) if text and text.isdecimal() and text != "0" else None
