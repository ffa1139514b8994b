"""The language model as the settings want it: none, or an OpenAI-compatible server."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from callbot.converse.advice import Advice, AdviceUnavailable, Situation
from callbot.converse.advice_check import AdviceCheck
from callbot.converse.masking import Masking
from callbot.converse.sentence_guards import SentenceGuards
from callbot.settings import Settings
from callbot.understand.morphemes import MorphemeAnalyser

if TYPE_CHECKING:
    from callbot.adapters.openai_advice import OpenAiAdvice
    from callbot.adapters.openai_opinion import OpenAiOpinion
    from callbot.adapters.openai_probe import Capability

PROBE_S = 8.0
"""For each way of asking."""


def adviser(settings: Settings) -> "OpenAiAdvice | None":
    """None where the setting `llm` is empty. Not probed yet: until then it advises nothing."""
    if not settings.llm:
        return None
    # Imported only here: the openai package takes a second to load and 60 MB, which nobody without a model should pay.
    from callbot.adapters.openai_advice import ModelServer, OpenAiAdvice  # noqa: PLC0415

    return OpenAiAdvice(
        ModelServer(settings.llm_url, settings.llm, settings.llm_key.get_secret_value(), settings.llm_deadline_s)
    )


def second_opinion(settings: Settings) -> "OpenAiOpinion | None":
    """Of calls that are over; None where no model is set or it is not to read them."""
    if not settings.llm or not settings.llm_opinion:
        return None
    from callbot.adapters.openai_opinion import OpenAiOpinion  # noqa: PLC0415 - as above

    key = settings.llm_key.get_secret_value() or "none"
    return OpenAiOpinion(settings.llm_url, key, settings.llm, timeout_s=settings.llm_opinion_s)


def probe_model(settings: Settings) -> "Capability":
    """Ask the server of the settings what it can do; blocks for seconds. `llm` must be set."""

    async def probe() -> "Capability":
        asked = adviser(settings)
        if asked is None:
            raise ValueError("the setting llm is empty")
        try:
            return await asked.probe(PROBE_S)
        finally:
            await asked.close()

    return asyncio.run(probe())


@dataclass
class Rehearsed:
    """A model in a call without a telephone: waited for, and every sentence that passes is spoken."""

    model: "OpenAiAdvice"
    runner: asyncio.Runner
    check: AdviceCheck
    masking: Masking
    counts: Counter[str] = field(default_factory=Counter)

    def advise(self, situation: Situation) -> Advice | None:
        """See callbot.rehearsal.Advise."""
        mask = self.masking.mask
        masked = replace(situation, said=mask(situation.said), earlier=tuple(map(mask, situation.earlier)))
        self.counts["asked"] += 1
        try:
            proposal = self.runner.run(self.model.advise(masked))
        except AdviceUnavailable as unavailable:
            self.counts[f"failed_{unavailable.failure.value}"] += 1
            return None
        advice = self.check.check(proposal, situation)
        self.counts.update(f"blocked_{guard}" for guard in advice.blocked)
        return advice


@contextmanager
def rehearsed(settings: Settings, analyser: MorphemeAnalyser, name: str) -> Iterator[Rehearsed | None]:
    """The settings' model, probed, for one call with `name`; None where there is none."""
    model = adviser(settings)
    if model is None:
        yield None
        return
    with asyncio.Runner() as runner:
        try:
            runner.run(model.probe(PROBE_S))
            masking = Masking(analyser, name)
            yield Rehearsed(model, runner, AdviceCheck(SentenceGuards(analyser), masking, name), masking)
        finally:
            runner.run(model.close())
