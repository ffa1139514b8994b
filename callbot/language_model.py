"""The language model as the settings want it: none, or an OpenAI-compatible server."""

import asyncio
from typing import TYPE_CHECKING

from callbot.settings import Settings

if TYPE_CHECKING:
    from callbot.adapters.openai_advice import OpenAiAdvice
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
