"""When a turn is over and when the bot must stop talking: every number of the turn reducer."""

from dataclasses import dataclass

from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import ListenFor, QuestionKind


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
    closed_pause_s: float = 0.6
    open_pause_s: float = 0.9
    patience: float = 1.0
    """A person's own factor on every pause, learned from earlier calls (pause_model.py)."""
    own_pause_s: float = 0.0
    """As long as this person may be silent inside a sentence; 0: not known."""
    final_factor: float = 0.7
    """On the pause where the text so far ends a sentence (-요, -다)."""
    connective_extra_s: float = 0.8
    """More pause where it plainly goes on (-고, -는데)."""
    text_wait_s: float = 1.0
    """A closed or open turn stays open this much longer for the text: no reply can be made without it anyhow, and speech
    that resumes meanwhile is joined instead of cut."""

    decode_after_s: float = 0.28
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
    one 0.5 s and more: what is to stop the bot 0.5 s after the onset cannot tell all of them from an interruption."""
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
        """Silence that ends this turn.

        >>> policy = TurnPolicy()
        >>> policy.pause(ListenFor(QuestionKind.CLOSED), None)
        0.6
        >>> policy.pause(ListenFor(QuestionKind.OPEN, pause_s=1.0), SentenceEnding.CONNECTIVE)
        1.8
        """
        by_kind = {
            QuestionKind.OPENING: self.opening_pause_s,
            QuestionKind.CLOSED: self.closed_pause_s,
            QuestionKind.OPEN: self.open_pause_s,
        }
        pause = (by_kind[wanted.kind] if wanted.pause_s is None else wanted.pause_s) * self.patience
        match ending:
            case SentenceEnding.FINAL:
                return max(self.decode_after_s, pause * self.final_factor)
            case SentenceEnding.CONNECTIVE:
                return max(pause + self.connective_extra_s, self.own_pause_s)
            case _:
                return pause

    def text_wait(self, wanted: ListenFor) -> float:
        """How much longer than the pause to wait for the text; "여보세요" is answered at once."""
        return 0.0 if wanted.kind is QuestionKind.OPENING else self.text_wait_s
