"""A conversation is over: judged as a whole and written down with all that follows."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from callbot.assess.assessment import assess
from callbot.converse.memory import sift
from callbot.converse.outcome import Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.store.database import Store
from callbot.talk.flight import Flight
from callbot.talk.patience import patiently
from callbot.understand.lexicon import MemoryFile
from callbot.understand.meaning import Level, Mention
from callbot.understand.understander import Understander
from callbot.workflows.compare_with_past import compare_with_past
from callbot.workflows.finish_call import finish_call

log = structlog.get_logger()


def with_proposals(outcome: Outcome, turns: Sequence[Turn], known: MemoryFile) -> Outcome:
    """What a model proposed to remember, as far as it can be believed; what rules found comes first."""
    crisis = any(signal.level is Level.EMERGENCY for signal in outcome.signals)
    if outcome.who is not WhoAnswered.PERSON or crisis:
        return outcome
    topics = {rule.about: Mention(rule.topic, rule.kind, rule.about, "") for rule in known.topics}
    by_rules = {mention.topic for mention in outcome.memory.mentions}
    sifted = sift(outcome.memories, turns, outcome.signals, topics)
    more = tuple(mention for mention in sifted if mention.topic not in by_rules)
    return replace(outcome, memory=replace(outcome.memory, mentions=(*outcome.memory.mentions, *more)))


async def close_call(
    store: Store, understander: Understander, flight: Flight, outcome: Outcome, now: Callable[[], datetime]
) -> None:
    """Raises StaleToken where somebody else holds the attempt by now."""
    turns = [flight.turns[index] for index in sorted(flight.turns)]
    outcome = with_proposals(outcome, turns, understander.lexicon.memories)
    versions = {"lexicon": understander.lexicon.digest}
    changed = (
        await asyncio.to_thread(compare_with_past, store, flight.call_id, turns, outcome.answers)
        if flight.call_id
        else []
    )
    assessment = await asyncio.to_thread(
        assess, turns, [*outcome.signals, *changed], outcome.answers, outcome.requests, versions=versions
    )
    finished = await patiently(
        finish_call,
        store,
        flight.order.attempt_id,
        flight.order.token,
        outcome,
        now(),
        assessment=assessment,
        recording=flight.recording,
        pauses_s=tuple(flight.pauses_s),
    )
    log.info(
        "call_finished",
        attempt=flight.order.attempt_id,
        call=flight.call_id,
        result=outcome.result,
        disposition=finished.settled.disposition,
    )
