"""What goes wrong, when: drawn from the seed, mostly while calls are being placed, sometimes in the night."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from callbot.schedule.window import SEOUL
from callbot.simulate.weeks.faults import ERRORS, KILLS, Fuse

if TYPE_CHECKING:
    from callbot.simulate.weeks.process import Process
    from callbot.simulate.weeks.world import World

MEAN_GAP_S = 2400.0
"""Between two faults in calling hours; a bad month of a real installation in every hour or so."""
NIGHT_GAP_S = 6 * 3600.0
MINUTES = 60.0
BOTH_DOWN = 0.3


class Chaos:
    """One task for all faults; each ends by itself."""

    def __init__(self, world: "World", seed: int) -> None:
        self._world = world
        self._dice = random.Random(f"{seed}/chaos")
        self._kinds: tuple[tuple[float, Callable[[], None]], ...] = (
            (5.0, self._kill),
            (4.0, self._database_error),
            (1.0, self._database_away),
            (0.7, self._trunk_down),
            (1.0, self._exchange_restarts),
            (0.7, self._provider_down),
            (1.0, self._provider_ambiguous),
            (1.0, self._clock_jumps),
            (1.5, self._duplicate_ticks),
            (1.0, self._ears_behind),
            (1.0, self._ears_down),
        )

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            hour = self._world.network.now().astimezone(SEOUL).hour
            awake = 8 <= hour < 19  # noqa: PLR2004 - the hours of calling and around
            await asyncio.sleep(self._dice.expovariate(1 / (MEAN_GAP_S if awake else NIGHT_GAP_S)))
            weights = [weight for weight, _ in self._kinds]
            self._dice.choices([kind for _, kind in self._kinds], weights)[0]()

    def _victim(self) -> "Process":
        return self._dice.choice(self._world.processes)

    def _count(self, what: str) -> None:
        self._world.faults[what] += 1

    def _arm(self, kinds: tuple[str, ...]) -> None:
        fuse = Fuse(self._dice.choice(kinds), self._dice.randrange(0, 80))
        life = self._dice.choice([*(process.life for process in self._world.processes), self._world.desk.life])
        if life is self._world.desk.life and fuse.what in KILLS:
            life = self._victim().life
        life.fuse = fuse

    def _kill(self) -> None:
        self._arm(KILLS)

    def _database_error(self) -> None:
        self._arm(ERRORS)

    def _database_away(self) -> None:
        self._count("database_away")
        seconds = self._dice.choice((1.0, 4.0, 20.0, 180.0))
        for life in (*(process.life for process in self._world.processes), self._world.desk.life):
            life.no_database(seconds)

    def _trunk_down(self) -> None:
        self._count("trunk_down")
        names = [trunk.name for trunk in self._world.trunks.policies] or [""]
        down = names if self._dice.random() < BOTH_DOWN else [self._dice.choice(names)]
        for name in down:
            self._world.network.trunk_down_until[name] = self._later(self._dice.uniform(2, 60) * MINUTES)

    def _exchange_restarts(self) -> None:
        self._count("exchange_restarted")
        board = self._dice.choice(self._world.boards)
        board.restart()
        board.connected = False
        asyncio.get_running_loop().call_later(self._dice.uniform(5, 60), lambda: setattr(board, "connected", True))

    def _provider_down(self) -> None:
        self._count("sms_down")
        self._world.provider.down_until = self._later(self._dice.uniform(1, 40) * MINUTES)

    def _provider_ambiguous(self) -> None:
        provider = self._world.provider
        provider.error_after_accepting = 0.5
        asyncio.get_running_loop().call_later(
            self._dice.uniform(5, 60) * MINUTES, lambda: setattr(provider, "error_after_accepting", 0.0)
        )

    def _clock_jumps(self) -> None:
        """NTP steps, a hand on the clock, a virtual machine that slept: minutes, either way, and back after a while."""
        self._count("clock_jump")
        jump = timedelta(seconds=self._dice.choice((-600, -120, -5, 5, 90, 420)))
        self._skew(jump)
        asyncio.get_running_loop().call_later(self._dice.uniform(10, 90) * MINUTES, self._skew, timedelta(0))

    def _skew(self, skew: timedelta) -> None:
        self._world.skew = skew
        for board in self._world.boards:
            board.slack = skew
        for process in self._world.processes:
            process.wake()

    def _duplicate_ticks(self) -> None:
        self._count("duplicate_tick")
        for process in self._world.processes:
            process.plan_again()
            process.wake()

    def _ears_behind(self) -> None:
        self._count("model_slow")
        ears = self._victim().ears
        ears.behind = 9
        asyncio.get_running_loop().call_later(self._dice.uniform(1, 20) * MINUTES, lambda: setattr(ears, "behind", 0))

    def _ears_down(self) -> None:
        self._count("ears_down")
        ears = self._victim().ears
        ears.down = True
        asyncio.get_running_loop().call_later(self._dice.uniform(1, 20) * MINUTES, lambda: setattr(ears, "down", False))

    def _later(self, seconds: float) -> float:
        return asyncio.get_running_loop().time() + seconds
