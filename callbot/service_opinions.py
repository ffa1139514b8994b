"""The model's reading of calls that are over, beside the dialling and never in its way."""

import asyncio
from collections.abc import Callable

from callbot.bootstrap import Parts
from callbot.converse.masking import Masking
from callbot.language_model import second_opinion
from callbot.store.people_rows import name_and_team_facts
from callbot.ticks import Worker
from callbot.workflows.second_opinions import Mask, take_opinions

EVERY_S = 15.0


class Opinions:
    """Nothing at all where no model is configured."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._judge = second_opinion(parts.settings)

    def workers(self, wake: Callable[[], None]) -> list[Worker]:
        """`wake`: somebody is to be paged now."""

        judge = self._judge
        if judge is None:
            return []

        async def ask() -> None:
            parts = self._parts
            if await asyncio.to_thread(take_opinions, parts.store, judge, self._mask_for, parts.clock.now()):
                wake()

        return [Worker("opinions", EVERY_S, ask)]

    def _mask_for(self, person_id: int) -> Mask:
        with self._parts.store.read() as connection:
            name, _, _ = name_and_team_facts(connection, person_id)
        return Masking(self._parts.senses.understander.analyser, name).mask
