"""Whether the exchange can reach its trunks: registrations, and the carrier's answers to OPTIONS."""

from collections.abc import Iterable

from callbot.adapters.asterisk_ami_session import Session
from callbot.adapters.asterisk_ami_wire import Packet

NEWS = frozenset({"ContactStatus", "Registry"})
"""Events after which it is worth asking at once."""
GONE = frozenset({"Unreachable", "Removed"})
LOST = frozenset({"Rejected", "Stopped"})
"""Registrations that failed. `Unregistered` is one that has not been tried yet, or is between two tries after silence."""


async def reachable_trunks(session: Session, names: Iterable[str]) -> dict[str, bool]:
    """Trunk -> whether the carrier is there; a trunk of which nothing is known (neither asked nor registered) is left out.

    Raises NotConnected.
    """
    names = tuple(names)
    if not names:
        return {}
    rows = await session.list_rows(
        "PJSIPShowRegistrationsOutbound", {}, "OutboundRegistrationDetail", "OutboundRegistrationDetailComplete"
    )
    registrations = {row.get("ObjectName", ""): row.get("Status", "") for row in rows}
    found: dict[str, bool] = {}
    for name in names:
        contacts = await session.list_rows(
            "PJSIPShowEndpoint", {"Endpoint": name}, "ContactStatusDetail", "EndpointDetailComplete"
        )
        known = _reachable(contacts, registrations.get(name))
        if known is not None:
            found[name] = known
    return found


def _reachable(contacts: list[Packet], registration: str | None) -> bool | None:
    statuses = {row.get("Status", "") for row in contacts}
    if registration in LOST or statuses & GONE:
        return False
    if registration == "Registered" or "Reachable" in statuses:
        return registration in {None, "Registered"} or None
    return None
