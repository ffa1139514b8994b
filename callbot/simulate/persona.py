"""A virtual recipient: who answers which number, how, and what they say to each kind of question (prompts/personas/*.yaml)."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from callbot.converse.spoken_text import spoken


class PersonaError(ValueError):
    """A persona file cannot be used; the message names file, field, value and mend."""


class Pickup(StrEnum):
    """What one call to the number meets."""

    ANSWER = "answer"
    OTHER_ANSWERS = "other_answers"  # somebody else (`other`) picks up
    BUSY = "busy"  # 486
    REJECT = "reject"  # 603
    NO_ANSWER = "no_answer"  # rings until the caller gives up
    VOICEMAIL = "voicemail"  # 200, greeting, beep, silence
    SWITCHED_OFF = "switched_off"  # a carrier's announcement in early media, then 480
    NO_SUCH_NUMBER = "no_such_number"  # 404


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Utterance(_Part):
    """One thing to do when a question has been heard. Exactly what is set is done, in this order: wait, press, say."""

    say: str = ""
    """Empty: say nothing (the person is silent)."""
    and_then: str = ""
    """Said after a pause of `pause_s`, in the middle of the sentence."""
    pause_s: float = Field(1.0, ge=0.2, le=5)
    press: str = Field("", pattern=r"^[0-9*#]*$")
    """Telephone keys, sent as RFC 4733 events."""
    after_s: float | None = Field(None, ge=0, le=60)
    """Seconds from the end of the bot's line; None: the speaker's own gap."""
    barge_in_s: float | None = Field(None, ge=0, le=30)
    """Speak this long after the bot's line began, over it."""
    then_hang_up: bool = False


def _as_utterances(value: Any) -> Any:
    """`네` or [`네`, {say: .., after_s: 3}] or null (silence) become a list of mappings."""
    items = value if isinstance(value, list) else [value]
    return [{"say": item or ""} if item is None or isinstance(item, str) else item for item in items]


Utterances = Annotated[tuple[Utterance, ...], BeforeValidator(_as_utterances), Field(min_length=1)]


class Speaker(_Part):
    """A voice and what it says. Keys of `says`: a topic (`meals`) or the beginning of a line id (`meals.bad`), longest first."""

    voice: str = "jf_nezumi"
    speed: float = Field(0.9, ge=0.5, le=1.5)
    gap_s: float = Field(0.7, ge=0.2, le=5)
    """Pause before answering, seconds."""
    pickup: str = "여보세요."
    """Said on picking up; empty: picks up in silence."""
    says: dict[str, Utterances] = Field(default_factory=dict)
    """The first time an item is asked the first utterance is said, the second time the second; the last one repeats."""
    default: Utterances = (Utterance(say="네, 좋아요."),)
    """For a question with no entry in `says`."""


class HangUp(_Part):
    """The person ends the call; whichever comes first."""

    after_s: float | None = Field(None, gt=0)
    """Seconds after answering."""
    after_turns: int | None = Field(None, gt=0)
    """After having answered so many questions."""


class Voicemail(_Part):
    """A carrier's answering service."""

    greeting: str = "지금은 전화를 받을 수 없습니다. 소리샘으로 연결됩니다."
    beep_hz: int = Field(1000, ge=300, le=3000)
    beep_s: float = Field(0.5, gt=0, le=3)


class Persona(_Part):
    """One number and the people behind it."""

    number: str = Field(pattern=r"^010-0000-\d{4}$")
    """Only the virtual range: no persona can stand for a real telephone."""
    name: str
    address: str = Field("어르신", pattern="^(어르신|선생님|님)$")
    about: str
    """One Korean sentence: what this recipient is for."""
    demo: bool = False
    calls: tuple[Pickup, ...] = Field((Pickup.ANSWER,), min_length=1)
    """What the first, second, ... call meets; the last one repeats."""
    answers_after_s: float = Field(1.5, ge=0, le=60)
    calls_back_after_s: float | None = Field(None, ge=0.5, le=600)
    """Rings us, once, so long after a call of ours that was not taken; None: never."""
    me: Speaker = Speaker()
    other: Speaker | None = None
    hears_badly: bool = False
    """Knows our lines also slower and louder, as they are said after "안 들려"."""
    noise_dbfs: float | None = Field(None, ge=-70, le=-20)
    """Background noise on the person's line, RMS; None: none."""
    hang_up: HangUp = HangUp()
    voicemail: Voicemail = Voicemail()
    announcement: str = "전원이 꺼져 있어 연결할 수 없습니다."

    @property
    def user(self) -> str:
        """The number as it is dialled: digits only."""
        return self.number.replace("-", "")

    def met_by(self, call: int) -> Pickup:
        """What call number `call` (from 0) meets."""
        return self.calls[min(call, len(self.calls) - 1)]

    def clips(self) -> list[tuple[str, float, str]]:
        """(voice, speed, text) of everything that may be said on this number."""
        wanted: dict[tuple[str, float, str], None] = {}
        for pickup, speaker in ((Pickup.ANSWER, self.me), (Pickup.OTHER_ANSWERS, self.other)):
            rings_us = pickup is Pickup.ANSWER and self.calls_back_after_s is not None
            if speaker is None or (pickup not in self.calls and not rings_us):
                continue
            uttered = [u for us in (*speaker.says.values(), speaker.default) for u in us]
            said = [speaker.pickup, *(text for u in uttered for text in (u.say, u.and_then))]
            wanted |= dict.fromkeys((speaker.voice, speaker.speed, text) for text in said if text)
        if Pickup.VOICEMAIL in self.calls:
            wanted[(MACHINE_VOICE, MACHINE_SPEED, self.voicemail.greeting)] = None
        if Pickup.SWITCHED_OFF in self.calls:
            wanted[(MACHINE_VOICE, MACHINE_SPEED, self.announcement)] = None
        return list(wanted)


MACHINE_VOICE = "jf_nezumi"
MACHINE_SPEED = 0.95


def clip_name(voice: str, speed: float, text: str) -> str:
    """One thing said in one way; key of the clips that a phone process is given."""
    return f"{voice}|{speed:g}|{text}"


def load_persona(path: Path) -> Persona:
    """Raises PersonaError."""
    try:
        content = YAML(typ="safe").load(path.read_text("utf-8"))
        persona = Persona.model_validate(content)
    except OSError as error:
        raise PersonaError(f"{path}: 읽을 수 없습니다({error.strerror}).") from error
    except YAMLError as error:
        raise PersonaError(f"{path}: YAML이 아닙니다. {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise PersonaError(f"{path}: {field}: {first['msg']} (값: {first.get('input')!r})") from error
    return _checked(path, persona)


def load_personas(directory: Path, *, demo_only: bool = False) -> list[Persona]:
    """Every persona of a directory, by number. Raises PersonaError, also where two share a number."""
    personas: dict[str, Persona] = {}
    for path in sorted(directory.glob("*.yaml")):
        persona = load_persona(path)
        if persona.number in personas:
            raise PersonaError(
                f"{path}: number: {persona.number}은(는) 이미 다른 사람이 쓰는 번호입니다. 다른 번호를 쓰십시오."
            )
        personas[persona.number] = persona
    return sorted((p for p in personas.values() if p.demo or not demo_only), key=lambda p: p.number)


def _checked(path: Path, persona: Persona) -> Persona:
    if Pickup.OTHER_ANSWERS in persona.calls and persona.other is None:
        raise PersonaError(f"{path}: other: calls에 other_answers가 있으면 other(다른 사람)를 적어야 합니다.")
    for _, _, text in persona.clips():
        if not re.search("[가-힣]", spoken(text)):
            raise PersonaError(f"{path}: says: 소리 낼 수 있는 한글이 없습니다: {text!r}")
    return persona
