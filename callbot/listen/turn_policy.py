"""When a turn is over and when the bot must stop talking: every number of the turn reducer."""

from dataclasses import dataclass

from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import ListenFor, QuestionKind


@dataclass(frozen=True)
class Pauses:
    """Silence that ends a turn, by how the text so far ends. Seconds; chosen on docs/measurements/turn-taking.md."""

    final: float
    """-요, -습니다: said what there was to say, or about to add a sentence."""
    plain: float
    """-다, -어, -지."""
    bare: float
    """ "네", "글쎄요" alone."""
    unknown: float
    """A bare noun, a cut word, nothing readable: as likely the middle as the end."""
    connective: float
    """-고, -는데, "우리 아들이": longer than anybody searches for a word."""

    def after(self, ending: SentenceEnding | None) -> float:
        """None: the text is not there yet."""
        match ending:
            case SentenceEnding.FINAL | None:
                return self.final
            case SentenceEnding.PLAIN:
                return self.plain
            case SentenceEnding.BARE:
                return self.bare
            case SentenceEnding.UNKNOWN:
                return self.unknown
            case SentenceEnding.CONNECTIVE:
                return self.connective


@dataclass(frozen=True)
class TurnPolicy:
    """Seconds, unless said otherwise. Pauses inside fluent read sentences: facts/speech.md, section 5."""

    threshold: float = 0.5
    """Voice probability at which speech begins."""
    release: float = 0.35
    """Probability below which it ends."""
    playing_threshold: float = 0.6
    """Instead of `threshold` while a line is playing: what leaks back of our own voice is weak."""

    opening_pause_s: float = 0.45
    """After "여보세요", whatever was heard."""
    closed: Pauses = Pauses(final=0.65, plain=1.2, bare=0.75, unknown=1.5, connective=2.6)
    open: Pauses = Pauses(final=1.1, plain=1.8, bare=2.2, unknown=2.2, connective=2.6)
    patience: float = 1.0
    """A person's own factor on every pause, learned from earlier calls (pause_model.py)."""
    own_pause_s: float = 0.0
    """As long as this person may be silent inside a sentence; 0: not known."""
    longest_pause_s: float = 3.0
    """Whoever it is and whatever was said: after so long they wait for us."""
    text_wait_s: float = 1.0
    """A closed or open turn stays open this much longer for the text: no reply can be made without it anyhow, and speech
    that resumes meanwhile is joined instead of cut."""

    decode_after_s: float = 0.26
    """Silence at which recognition starts, on the chance that the turn is over."""
    min_speech_s: float = 0.12
    """Less voice than this is a click."""
    click_s: float = 0.2
    """Silence after which a click is forgotten."""
    resume_s: float = 0.06
    """Voice shorter than this inside a pause does not end the pause."""
    bridge_s: float = 0.1
    """A gap shorter than this (an unreleased stop) does not end a run of voice."""
    barge_in_s: float = 0.4
    """Speech sustained from its onset, while a line plays, before the line is stopped. A quick "네" takes 0.2-0.3 s, a drawn
    one 0.5 s and more: what is to stop the bot at the phone 0.5 s after the onset cannot tell all of them from an interruption."""
    overheard_after_s: float = 0.8
    """Silence during a line after which what was said is only overheard; said later than this before the end of the line,
    it is the answer."""
    vad_lag_s: float = 0.06
    """How late the detector sees an onset (Silero at 8 kHz; 30-70 ms for short words, docs/measurements/ears.md)."""
    preroll_s: float = 0.3
    """Audio before the onset that is decoded too."""
    tail_s: float = 0.2
    """Audio after the last voice that is decoded too."""
    acknowledge_after_s: float = 1.2
    """Longest dead air between endpoint and reply."""

    def pause(self, wanted: ListenFor, ending: SentenceEnding | None) -> float:
        """Silence that ends this turn. A pause of the script's own (`wanted.pause_s`) is the least of all of them.

        >>> policy = TurnPolicy()
        >>> policy.pause(ListenFor(QuestionKind.CLOSED), SentenceEnding.FINAL)
        0.65
        >>> policy.pause(ListenFor(QuestionKind.OPEN, pause_s=1.3), SentenceEnding.FINAL)
        1.3
        """
        if wanted.kind is QuestionKind.OPENING:
            return (self.opening_pause_s if wanted.pause_s is None else wanted.pause_s) * self.patience
        by_kind = self.open if wanted.kind is QuestionKind.OPEN else self.closed
        pause = max(by_kind.after(ending), wanted.pause_s or 0.0) * self.patience
        if ending is SentenceEnding.CONNECTIVE:
            pause = max(pause, self.own_pause_s)
        return max(self.decode_after_s, min(pause, self.longest_pause_s))

    def text_wait(self, wanted: ListenFor) -> float:
        """How much longer than the pause to wait for the text; "여보세요" is answered at once."""
        return 0.0 if wanted.kind is QuestionKind.OPENING else self.text_wait_s
