"""What one utterance meant: the vocabulary shared by understanding, dialogue and assessment."""

from dataclasses import dataclass, field
from enum import StrEnum


class Topic(StrEnum):
    """What a question is about; the context in which its answer is read."""

    IDENTITY = "identity"  # "김순자 어르신 맞으세요?"
    GOOD_TIME = "good_time"  # "지금 통화 괜찮으세요?"
    HEALTH = "health"  # how are you, any pain
    MEALS = "meals"
    SLEEP = "sleep"
    MEDICINE = "medicine"
    MOOD = "mood"
    OUTING = "outing"
    NEEDS = "needs"
    MEMORY = "memory"  # something from an earlier call: "무릎은 지난번보다 어떠세요?"
    COOLING = "cooling"  # in a heat wave: "집은 시원하세요?"
    WATER = "water"
    WARMTH = "warmth"  # in a cold wave: "방은 따뜻하세요?"
    COMPANY = "company"  # at a holiday: "함께 지내실 분이 있으세요?"
    WEEKDAY = "weekday"  # dementia check: what day is it
    MONTH = "month"
    SEEN = "seen"  # to a guardian or neighbour: "요즘 만나신 적이 있으세요?"
    CONFIRM = "confirm"  # a clarifying question after a signal: "지금도 그러세요?"
    NOTICE = "notice"  # nothing was asked: greeting, closing, or early media


CHECK_IN_TOPICS = (
    Topic.HEALTH, Topic.MEALS, Topic.SLEEP, Topic.MEDICINE, Topic.MOOD, Topic.OUTING, Topic.NEEDS,
)  # fmt: skip


SPECIAL_TOPICS = (Topic.COOLING, Topic.WATER, Topic.WARMTH, Topic.COMPANY, Topic.WEEKDAY, Topic.MONTH)
"""Asked in scripts for a purpose, beside those of the check-in."""
ASKED_TOPICS = (*CHECK_IN_TOPICS, *SPECIAL_TOPICS)


class AnswerValue(StrEnum):
    """Three-valued; not understood is `unsure`, never `ok` (design.md, invariant 7)."""

    OK = "ok"
    BAD = "bad"
    UNSURE = "unsure"
    NOT_ASKED = "not_asked"


class Level(StrEnum):
    """Risk levels (design.md, section 7). Compare with `rank`, never as strings."""

    NONE = "none"
    WATCH = "watch"
    HIGH = "high"
    EMERGENCY = "emergency"
    UNASSESSABLE = "unassessable"

    @property
    def rank(self) -> int:
        """0 none, 1 watch, 2 high, 3 emergency; `unassessable` is apart and ranks 0."""
        return {"watch": 1, "high": 2, "emergency": 3}.get(self.value, 0)


class Category(StrEnum):
    """What a signal is about."""

    SUICIDE = "suicide"
    MEDICAL = "medical"
    FALL = "fall"
    FOOD = "food"
    MEDICINE = "medicine"
    PAIN = "pain"
    SLEEP = "sleep"
    MOOD = "mood"
    COGNITION = "cognition"
    ABUSE = "abuse"
    FRAUD = "fraud"
    HOUSING = "housing"
    ALCOHOL = "alcohol"
    MONEY = "money"
    SERVICE = "service"


class Intent(StrEnum):
    """What the speaker wants of the conversation itself, beside any answer."""

    YES = "yes"
    NO = "no"
    REPEAT = "repeat"  # 뭐라고? 안 들려
    BUSY = "busy"  # 바빠, 나중에
    REFUSE = "refuse"  # 안 해, 끊어 (today)
    DO_NOT_CALL = "do_not_call"  # 전화하지 마 (a hold and a case)
    WRONG_NUMBER = "wrong_number"  # 잘못 거셨어요
    OTHER_PERSON = "other_person"  # 아들인데요, 어머니 지금 안 계세요
    NOT_HERE = "not_here"  # 지금 안 계세요, 나가셨어요, 바꿔 드릴 수 없어요
    WHO_IS_THIS = "who_is_this"  # 누구세요?
    FAREWELL = "farewell"
    GREETING = "greeting"  # 여보세요
    SEEN_WELL = "seen_well"  # of a guardian or neighbour: 어제 봤어요, 잘 계세요
    NOT_SEEN = "not_seen"  # 못 봤어요, 연락이 안 돼요
    WORRIED = "worried"  # 많이 아프시대요, 걱정돼요
    WAIT = "wait"  # 잠깐만요: neither yes nor no to "… 맞으세요?"
    FORGET = "forget"  # 그 얘기는 하지 마, 잊어 주세요: what we remember of it is erased
    MACHINE = "machine"  # voicemail greeting (소리샘)
    ANNOUNCEMENT = "announcement"  # carrier announcement (전원이 꺼져 있어)


class Reported(StrEnum):
    """Something that whoever answers tells us about the person, which stops calls at once."""

    DEAD = "dead"
    IN_HOSPITAL = "in_hospital"
    MOVED = "moved"


@dataclass(frozen=True)
class Signal:
    """One finding with its evidence. Guards may have lowered its level; they never delete it."""

    category: Category
    level: Level
    rule: str
    """Rule id in prompts/lexicon, e.g. `suicide.ideation`."""
    quote: str
    """The words that fired it, verbatim from the transcript."""
    reason: str
    """One Korean sentence, fit for explaining an automated decision to the person concerned."""
    detector: str
    """`morphology`, `jamo`, `context`, ..."""
    rule_version: str
    guards: tuple[str, ...] = ()
    """Names of guards that lowered it: `negation`, `idiom`, `third_person`, `television`, `past`, ..."""
    turn: int = -1
    """Index of the turn in the transcript; -1 while scored alone."""
    audio_offset_s: float | None = None
    """Seconds from the start of the recording to the start of the utterance."""
    unconfirmed: bool = False
    """Heard with low confidence: paged at once as 미확인, then confirmed."""


@dataclass(frozen=True)
class Request:
    """A wish for a service (rice, boiler, bags): becomes a ticket with the person's words, no promise."""

    kind: str
    quote: str
    turn: int = -1


class MemoryKind(StrEnum):
    """What sort of thing is asked about again; decides how, and for how long it is kept."""

    CHRONIC = "chronic"  # a pain that stays: asked for change, never for whether it is there
    ILLNESS = "illness"  # a cold
    VISIT = "visit"  # the grandson comes on Saturday
    APPOINTMENT = "appointment"  # hospital, surgery
    EVENT = "event"  # birthday, trip


@dataclass(frozen=True)
class Mention:
    """Something said that may be asked about again in a later call."""

    topic: str
    """Of prompts/lexicon/memories.yaml: `knee`, `grandchild`. Two mentions of a topic are the same matter."""
    kind: MemoryKind
    about: str
    """Korean, in our own polite words: `무릎`, `손주분`. Spoken, so never the person's free words."""
    quote: str
    """The person's words."""
    turn: int = -1
    over: bool = False
    """It is said to be past, healed or not so: nothing to ask about any more."""


@dataclass(frozen=True)
class Meaning:
    """What one utterance meant in the context of the question it answered."""

    topic: Topic
    answer: AnswerValue
    evidence: str | None = None
    """The words the answer rests on; None where it is `unsure`."""
    signals: tuple[Signal, ...] = ()
    requests: tuple[Request, ...] = ()
    mentions: tuple[Mention, ...] = ()
    intents: frozenset[Intent] = field(default_factory=frozenset)
    reported: Reported | None = None
    said_name: bool = False
    """The person's own name (or an unmistakable "나요/본인이에요") was said."""
    announcement: str | None = None
    """Which machine spoke: `voicemail`, `off`, `no_such_number`, `suspended`, `busy`, ... (prompts/lexicon/announcements.yaml)."""
