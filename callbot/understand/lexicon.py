"""What the rules are: data that a supervisor reads and edits, checked when it is loaded (files: prompts/lexicon)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from callbot.understand.meaning import AnswerValue, Category, Intent, Level, MemoryKind, Reported, Topic

Phrases = tuple[Annotated[str, Field(min_length=1)], ...]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Examples(_Data):
    """Sentences run as tests: the rule must find `fire` at its full level, and must not find `quiet` at it."""

    fire: Phrases = Field(min_length=1)
    quiet: Phrases = Field(min_length=1)


class SignalRule(_Data):
    """One finding: phrases over stems (`means`) and, as a second net, over sounds."""

    id: str = Field(pattern=r"^[a-z]+\.[a-z_]+$")
    level: Level
    reason: str
    """One Korean sentence for the person concerned; `{quote}` is replaced by the words heard."""
    means: Phrases = Field(min_length=1)
    """callbot/understand/pattern.py explains the language."""
    sounds: Phrases = ()
    """Whole phrases of at least 4 syllables, as spoken; found where they sound alike."""
    lookalikes: Phrases = ()
    """Harmless phrases that sound alike: where one of them is nearer, the rule stays quiet."""
    unless: Phrases = ()
    """Phrases in which the same words mean something else; where one shares a word with a finding, it is none."""
    unless_near: Phrases = ()
    """The same where the phrase stands within a few words of the finding, before or after it."""
    other_words: Phrases = ()
    """Phrases that account for the sounds: they hold against a finding by sound only ("데려다주다" sounds like "때리다")."""
    event: bool = False
    """True: the past tense tells what is so now ("넘어졌어"); False: it tells that it is over ("아팠어")."""
    ignores: frozenset[str] = frozenset()
    """Guards that do not apply."""
    version: int = 1
    own: int = 0
    """Version of what the district added (understand/own_rules.py); 0: as in the files."""
    examples: Examples

    @property
    def stated_version(self) -> str:
        """As an assessment names it: `1`, `1+2`."""
        return f"{self.version}+{self.own}" if self.own else str(self.version)


class SignalFile(_Data):
    """prompts/lexicon/signals-<category>.yaml."""

    category: Category
    rules: tuple[SignalRule, ...] = Field(min_length=1)


class Guard(_Data):
    """Words that lower a finding, never delete it."""

    says: str
    """Korean, for the reason: what makes the finding weaker."""
    becomes: dict[Level, Level]
    """New level by old level; a level not named stays."""
    means: Phrases = ()
    examples: Examples | None = None


class Subjects(_Data):
    """Who a sentence may be about, other than the speaker."""

    first_person: Phrases
    household: Phrases
    others: Phrases


class GuardFile(_Data):
    """prompts/lexicon/guards.yaml."""

    guards: dict[str, Guard]
    subjects: Subjects
    still: Phrases
    """Words that make a past tense present: 지금도, 계속, 아직도."""
    idioms: Phrases
    """Stems that make "~ 죽겠다" a figure of speech."""
    acquaintances: Phrases = ()
    """People whose death or illness is not the person's own: nothing is reported of the person by it."""
    family: Phrases = ()
    """Whom one may trust with a bankbook."""
    delights: Phrases = ()
    """What "-게" and "-도록" may lead to in a figure of speech: "눈물이 나게 맛있다"."""


class TopicRule(_Data):
    """How questions about a topic are recognised, and answers to them read."""

    asked: Phrases = ()
    """Phrases of the bot's question. The topic with the most specific one is chosen."""
    ok: Phrases = ()
    bad: Phrases = ()
    plain: Phrases = ()
    """Words (or `@set`s) that may stand beside a fine answer to this topic; see AnswerFile.plain."""
    yes: AnswerValue = AnswerValue.UNSURE
    """A bare "네", where the question's wording is not known."""
    nothing: AnswerValue = AnswerValue.UNSURE
    """A bare "없어", likewise."""
    wrong: str = ""
    """Category that a bad answer belongs to, empty: none."""
    reason: str = ""
    examples: dict[AnswerValue, Phrases] = {}
    """Answers, or `question / answer`, run as tests."""


class AnswerFile(_Data):
    """prompts/lexicon/answers.yaml."""

    ok: Phrases
    bad: Phrases
    vague: Phrases
    neither: Phrases = ()
    """Phrases in which those words are no answer: "-었으면 좋겠어"."""
    plain: Phrases = ()
    """Words that may stand beside a fine answer to any topic. An answer heard through ears is `ok` only where every word of
    it is one of these, of the topic's own, or of what was understood: a misheard denial is a word that belongs nowhere."""
    topics: dict[Topic, TopicRule]


class IntentRule(_Data):
    """What the speaker wants of the conversation."""

    intent: Intent
    whole: Phrases = ()
    """The utterance is nothing but this (spacing and punctuation ignored)."""
    begins: Phrases = ()
    """The first word, whatever follows, unless something stronger is wanted ("네 근데 지금 바빠요")."""
    means: Phrases = ()
    sounds: Phrases = ()
    at_most: int = 99
    """Not sought in an utterance of more syllables than this."""
    topics: frozenset[Topic] = frozenset()
    """Sought only in answers to these; empty: in all."""
    firm: bool = False
    """A yes or no that stays beside something stronger ("아들인데요, 바꿔 드릴게요")."""
    examples: Examples


class ReportedRule(_Data):
    """Something another person tells us about the person."""

    reported: Reported
    means: Phrases
    examples: Examples


class IntentFile(_Data):
    """prompts/lexicon/intents.yaml."""

    rules: tuple[IntentRule, ...]
    reported: tuple[ReportedRule, ...]
    self_words: Phrases
    """"나예요", "본인입니다": whoever says this claims to be the person."""


class Announcement(_Data):
    """A machine that speaks: voicemail or the carrier."""

    kind: str
    """`voicemail`, `screening`, `off`, `no_such_number`, `suspended`, `busy`, `out_of_area`, `no_answer`, `blocked`, `menu`,
    `connecting`; what each does to the attempt: callbot/dial/announced.py."""
    intent: Intent
    telling: int = 2
    """Of several kinds in one sentence the more telling one is the reason: "꺼져 있어 소리샘으로" is off."""
    phrases: Phrases
    lookalikes: Phrases = ()
    """What people say that sounds alike."""
    examples: Examples


class Cue(_Data):
    """Words that machines use and people hardly do; several together are a machine, however garbled the rest."""

    words: Phrases
    weight: float = Field(gt=0)
    kind: str = ""
    """Where the words also tell which machine it is."""


class AnnouncementFile(_Data):
    """prompts/lexicon/announcements.yaml."""

    announcements: tuple[Announcement, ...]
    cues: tuple[Cue, ...] = ()
    enough: float = 3.0
    """Weights of cues that together are a machine."""


class RequestRule(_Data):
    """A wish for a service."""

    kind: str = Field(pattern=r"^[a-z_]+$")
    label: str
    """Korean, for the ticket."""
    means: Phrases
    unless: Phrases = ()
    examples: Examples


class RequestFile(_Data):
    """prompts/lexicon/requests.yaml."""

    requests: tuple[RequestRule, ...]


class MemoryRule(_Data):
    """Something to ask about again in a later call."""

    topic: str = Field(pattern=r"^[a-z_]+$")
    kind: MemoryKind
    about: str = Field(pattern=r"^[가-힣]+( [가-힣]+)*$", max_length=12)
    """What we call it when we ask; spoken to the person."""
    means: Phrases
    done: Phrases = ()
    """Phrases that say it is past."""
    unless: Phrases = ()
    examples: Examples


class MemoryFile(_Data):
    """prompts/lexicon/memories.yaml."""

    topics: tuple[MemoryRule, ...]


class Misheard(_Data):
    """A noun that recognisers write for another, made plain by what is said of it ("살이 다 떨어졌어요": 쌀)."""

    heard: str
    """Where a word begins; a particle may follow."""
    standard: str
    frames: Phrases
    """What follows, after up to two adverbs, for it to be the other word: beginnings of predicates."""
    in_topic: Phrases = ()
    """Further frames that decide only in answers to `topics`."""
    topics: frozenset[Topic] = frozenset()
    unless: Phrases = ()
    """Frames in which it is the word as heard ("살이 떨어져 나가")."""


class DialectFile(_Data):
    """prompts/lexicon/dialects.yaml: `said: standard`; `^` and `$` mark the edge of a word."""

    fillers: Phrases
    dialects: dict[str, dict[str, str]]
    """Region to table."""
    misheard: tuple[Misheard, ...] = ()


class ExpectedAnswers(_Data):
    """Templates (rivals.written_out) of usual answers to a question, by what they mean."""

    ok: Phrases
    bad: Phrases


class ExpectedFile(_Data):
    """prompts/lexicon/expected.yaml."""

    topics: dict[Topic, ExpectedAnswers]
    anywhere: Phrases = ()
    """Emergencies: expected whatever was asked."""


class SetFile(_Data):
    """prompts/lexicon/sets.yaml: named sets of stems for phrases."""

    sets: dict[str, Phrases]


class Lexicon(_Data):
    """All rules in force."""

    sets: SetFile
    signals: tuple[SignalFile, ...]
    guards: GuardFile
    answers: AnswerFile
    intents: IntentFile
    announcements: AnnouncementFile
    requests: RequestFile
    memories: MemoryFile
    dialects: DialectFile
    expected: ExpectedFile
    digest: str
    """First 12 hex digits of the sha256 over the files: names this set of rules."""
