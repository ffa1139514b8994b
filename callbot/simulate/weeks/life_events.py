"""What happens to people from week to week: illness, hospital, death, moving, a change of mind. Drawn by their own dice."""

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callbot.schedule.window import SEOUL
from callbot.workflows.hold_person import withdraw_consent

if TYPE_CHECKING:
    from callbot.simulate.weeks.world import World

WEEK_S = 7 * 86400


def draw_week(world: "World", week: int) -> None:
    """At the week's beginning, for everybody who is still there."""
    rates, network = world.rates, world.network
    for number, fate in enumerate(network.fates):
        if fate.dead or fate.moved or fate.withdrawn:
            continue
        dice = random.Random(f"{world.seed}/week/{number}/{week}")
        fate.distress = dict(dice.choice(world.bank.distress)) if dice.random() < rates.distress else None
        wait = dice.uniform(0, WEEK_S)
        chance = dice.random()
        for share, happens in (
            (rates.hospital, _to_hospital),
            (rates.death, _dies),
            (rates.move, _moves),
            (rates.withdraw, _withdraws),
            (rates.do_not_call, _has_enough),
        ):
            if chance < share:
                world.later(wait, happens, world, number, dice)
                break
            chance -= share


async def _to_hospital(world: "World", number: int, dice: random.Random) -> None:
    days = dice.uniform(3, 30)
    fate = world.network.fates[number]
    fate.hospital_until = world.network.now() + timedelta(days=days)
    world.later(days * 86400, _comes_home, world, number, fate.hospital_until)


async def _comes_home(world: "World", number: int, until: datetime) -> None:
    fate = world.network.fates[number]
    if fate.hospital_until == until:
        fate.hospital_until = None


async def _dies(world: "World", number: int, _dice: random.Random) -> None:
    world.network.fates[number].dead = True


async def _moves(world: "World", number: int, _dice: random.Random) -> None:
    world.network.fates[number].moved = True


async def _has_enough(world: "World", number: int, _dice: random.Random) -> None:
    world.network.fates[number].wants_no_calls = True


async def _withdraws(world: "World", number: int, dice: random.Random) -> None:
    """In office hours somebody writes it down; from that commit on the telephone is silent."""
    local = world.network.now().astimezone(SEOUL)
    opens = local.replace(hour=9, minute=0) + timedelta(minutes=dice.uniform(0, 500))
    world.later(max((opens - local).total_seconds(), 0), _written_down, world, number)


async def _written_down(world: "World", number: int) -> None:
    fate, desk = world.network.fates[number], world.desk
    person_id = world.person_ids[number]
    await desk.do(lambda: withdraw_consent(world.store, person_id, world.network.now() + world.skew, by="desk"))
    fate.withdrawn = True
