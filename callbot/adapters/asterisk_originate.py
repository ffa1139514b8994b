"""The fields of the Originate that places one of our calls."""

import math
import re

from callbot.adapters.asterisk_ami_wire import BadField, check
from callbot.adapters.asterisk_calls import BOT
from callbot.dial.progress import CallOrder

BOT_LEG = "WebSocket/botmedia/c(alaw)f(json)"
"""The trunk's own codec: with a translation between, a new RTP source at answer can silence the bot (facts 4a)."""
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def originate_fields(order: CallOrder, bot_leg_s: float) -> tuple[dict[str, str], dict[str, str]]:
    """Fields and channel variables. Raises BadField."""
    if not _KEY.fullmatch(order.attempt_key):
        message = f"attempt key {order.attempt_key!r}: 1 to 64 of A-Z a-z 0-9 _ . -"
        raise BadField(message)
    name = re.sub(r'[<>"\\]', "", order.caller_name)
    fields = {
        "Channel": BOT_LEG,
        "ChannelId": BOT + order.attempt_key,
        "Context": "callbot-out",
        "Exten": "call",
        "Priority": "1",
        "Timeout": str(int(bot_leg_s * 1000)),
        "CallerID": f'"{name}" <{order.caller_number}>',
        "Async": "true",
    }
    variables = {
        **order.variables,
        "CALLBOT_ATTEMPT": order.attempt_key,
        "CALLBOT_DIAL": order.dial_string,
        "CALLBOT_RING": str(math.ceil(order.ring_s)),
        "CALLBOT_CALLER": order.caller_number,
    }
    check(fields, variables)
    return fields, variables
