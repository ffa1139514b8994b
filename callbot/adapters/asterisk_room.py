"""Three parties: moving the legs of two calls into one room (dialplans/_conference.conf.j2)."""

from collections.abc import Sequence

from callbot.adapters.asterisk_ami_session import Session
from callbot.adapters.asterisk_ami_wire import Packet
from callbot.adapters.asterisk_calls import key_of

ROOM = {"Context": "callbot-room", "Priority": "1"}


async def open_room(session: Session, person: str, bot_id: str) -> None:
    """Take the person's channel and the bot's (by its Uniqueid) out of their Dial, together. Raises LookupError."""
    rows = await session.list_channels()
    bot = next((row["Channel"] for row in rows if row.get("Uniqueid") == bot_id), None)
    if bot is None:
        raise LookupError(bot_id)
    fields = {"Channel": person, **ROOM, "Exten": "person"}
    more = {"ExtraChannel": bot, "ExtraContext": ROOM["Context"], "ExtraExten": "bot", "ExtraPriority": "1"}
    _done(await session.ask("Redirect", fields | more))


async def enter_room(session: Session, worker: str, attempt_key: str) -> None:
    """A worker's channel into the room of that attempt. Raises LookupError."""
    _done(await session.ask("Setvar", {"Channel": worker, "Variable": "CALLBOT_ROOM", "Value": attempt_key}))
    _done(await session.ask("Redirect", {"Channel": worker, **ROOM, "Exten": "worker"}))


def attended(rows: Sequence[Packet]) -> set[str]:
    """Keys of calls that nobody of ours needs to hold: the person's and the worker's, where both are in one room."""
    rooms: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.get("Application") == "ConfBridge" and row.get("Context") == ROOM["Context"]:
            room = row.get("ApplicationData", "").split(",")[0]
            rooms.setdefault(room, {})[row.get("Exten", "")] = key_of(row) or ""
    return {key for legs in rooms.values() if {"person", "worker"} <= legs.keys() for key in legs.values() if key}


def other_end(names: Sequence[str], *, answered: bool, key: str) -> str:
    """The channel that is not the bot's. Raises LookupError where nobody is on the line any more."""
    if not names or not answered:
        raise LookupError(key)
    return names[0]


def _done(reply: Packet) -> None:
    """A channel that has gone meanwhile is Asterisk's only reason to refuse."""
    if reply.get("Response") == "Error":
        raise LookupError(reply.get("Message", ""))
