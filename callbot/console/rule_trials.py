"""What a change would have done to the last 90 days, as the page shows it."""

from dataclasses import dataclass
from datetime import datetime

from callbot.console.deps import ConsoleDeps
from callbot.console.words import LEVELS
from callbot.converse.masking import Masking
from callbot.people.person import masked_name
from callbot.rule_trial import Answer, Question, try_rule
from callbot.store.console_scope import Scope
from callbot.store.rule_snippets import snippets
from callbot.understand.analysis import analyser_version
from callbot.understand.lexicon import Lexicon
from callbot.understand.meaning import Level
from callbot.understand.own_rules import OwnRule, RuleChange, changed_rule, found
from callbot.understand.understander import Understander
from callbot.workflows.analyse_calls import KEPT

MOST_SNIPPETS = 20


@dataclass(frozen=True)
class SnippetLine:
    """One utterance, masked."""

    at: datetime
    who: str
    text: str
    was: Level
    would: Level
    added: bool


@dataclass(frozen=True)
class Tried:
    """The answer in lines."""

    answer: Answer
    moves: tuple[tuple[str, str, int], ...]
    """From, to, calls; upward moves first."""
    raised: int
    lowered: int
    snippets: tuple[SnippetLine, ...]


def tried(
    deps: ConsoleDeps, under: Understander, live: Lexicon, change: RuleChange, scope: Scope, now: datetime
) -> Tried:
    """The change beside what is in force. Raises BadChange."""
    known = found(live, change.rule)
    category, new = changed_rule(under.files, OwnRule(0, 1, change))
    question = Question(under.files, category, known[1] if known else None, new)
    answer = try_rule(deps.store, question, now - KEPT, analyser_version(under.files, under.analyser))
    moves = sorted(answer.moves.items(), key=lambda each: (each[0][1].rank < each[0][0].rank, -each[1]))
    return Tried(
        answer,
        tuple((LEVELS[was], LEVELS[would], number) for (was, would), number in moves),
        sum(number for (was, would), number in moves if would.rank > was.rank),
        sum(number for (was, would), number in moves if would.rank < was.rank),
        _snippets(deps, under, answer, scope),
    )


def _snippets(deps: ConsoleDeps, under: Understander, answer: Answer, scope: Scope) -> tuple[SnippetLine, ...]:
    """Names, places and numbers are masked; only of people whom the viewer may see."""
    places = [(hit.call_id, hit.turn) for hit in answer.hits]
    with deps.store.read() as connection:
        known = snippets(connection, scope, places)
    lines = []
    for hit in answer.hits:
        said = known.get((hit.call_id, hit.turn))
        if said is None:
            continue
        masked = Masking(under.analyser, said.name).mask(said.text)
        lines.append(SnippetLine(said.at, masked_name(said.name), masked, hit.was, hit.would, hit.added))
        if len(lines) == MOST_SNIPPETS:
            break
    return tuple(lines)
