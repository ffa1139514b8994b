"""The short link in a page: names the page, proves that we wrote it, says nothing else. 10 to 14 characters.

`/p/<page in base 36><8 characters of HMAC>`: 48 bits of it, under the index key, bound to the worker whom the page went to.
What it may do and for how long is decided where it is opened (docs/adr).
"""

import base64
import hmac
from datetime import timedelta

from sqlalchemy import Connection, select

from callbot.store.crypto import KEYRING_ATTRIBUTE
from callbot.store.keys import Keyring
from callbot.store.tables import pages
from callbot.store.tick_rows import remembered

PUBLIC_URL = "public_url"
"""Fact of the installation: where workers reach the console, e.g. `https://ansim.example.kr`."""
MAC_BYTES = 6
MAC_CHARACTERS = 8
GOOD_FOR = timedelta(hours=72)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST = 16


def link_to(connection: Connection, page_id: int, worker_id: int | None) -> str:
    """The whole link; empty where the console has no address, or the page went to nobody."""
    base = remembered(connection, PUBLIC_URL)
    if not base or worker_id is None:
        return ""
    return f"{base.decode().rstrip('/')}/p/{token_of(keyring_of(connection), page_id, worker_id)}"


def token_of(keys: Keyring, page_id: int, worker_id: int) -> str:
    """The last part of the link."""
    return _base36(page_id) + _mac(keys, page_id, worker_id)


def page_of_token(connection: Connection, token: str) -> int | None:
    """The page whose link this is; None: nobody ever wrote it."""
    number, mac = token[:-MAC_CHARACTERS], token[-MAC_CHARACTERS:]
    if len(token) > LONGEST or not number or not token.isascii() or set(number) - set(_DIGITS):
        return None
    page_id = int(number, 36)
    worker_id = connection.scalar(select(pages.c.worker_id).where(pages.c.id == page_id)) if page_id < 2**31 else None
    if worker_id is None:
        return None
    right = token_of(keyring_of(connection), page_id, worker_id)
    return page_id if hmac.compare_digest(right[-MAC_CHARACTERS:], mac) else None


def keyring_of(connection: Connection) -> Keyring:
    """The keys that hang on this engine's dialect."""
    keys = getattr(connection.dialect, KEYRING_ATTRIBUTE)
    if not isinstance(keys, Keyring):
        raise TypeError("this engine has no keys")
    return keys


def _mac(keys: Keyring, page_id: int, worker_id: int) -> str:
    return base64.urlsafe_b64encode(keys.blind(f"page-link/{page_id}/{worker_id}")[:MAC_BYTES]).decode()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"
