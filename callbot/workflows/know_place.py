"""What the ledger has to know of the place it works in: its public holidays, and its own address."""

from collections.abc import Mapping
from datetime import date

from callbot.store.database import Store
from callbot.store.page_link import PUBLIC_URL
from callbot.store.roster_rows import keep_holidays
from callbot.store.tick_rows import remember


def know_place(store: Store, holidays: Mapping[date, str], public_url: str) -> int:
    """Write it down; how many holidays were new. Policies, rosters and links are decided by workflows, which ask the ledger."""
    with store.write() as connection:
        remember(connection, PUBLIC_URL, public_url.encode())
        return keep_holidays(connection, holidays)
