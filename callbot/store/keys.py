"""The data keys: AES-256-GCM under named keys, one separate key for the blind index, one JSON file."""

import base64
import binascii
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEAL_VERSION = 1
KEY_ID_BYTES = 4
NONCE_BYTES = 12
KEY_BYTES = 32


class KeyFileError(Exception):
    """The key file cannot be used; the message names the file and the mend."""


class KeyFileMissing(KeyFileError):
    """There is encrypted data, but no key file."""


class WrongKeys(KeyFileError):
    """The key file is not the one that the data was encrypted with."""


class CannotOpen(ValueError):
    """A sealed value was altered, moved to another place, cut, or sealed with a key that is not in the key file."""


@dataclass(frozen=True, repr=False)
class Keyring:
    """Keys in memory. Every sealed value names its key, so keys rotate by adding one and naming it current."""

    current: str
    """Id of the key that seals; 8 hex digits."""
    keys: dict[str, bytes]
    index_key: bytes
    """HMAC key of the blind index; never an encryption key."""

    def seal(self, plain: bytes, place: str) -> bytes:
        """Layout: version (1 byte), key id (4), nonce (12), ciphertext with its tag (16 bytes more than the text).

        `place` is authenticated, not stored (`persons.name`, `calls.recording_key/17`): a value copied elsewhere does
        not open there.
        """
        nonce = os.urandom(NONCE_BYTES)
        head = bytes([SEAL_VERSION]) + bytes.fromhex(self.current)
        return head + nonce + AESGCM(self.keys[self.current]).encrypt(nonce, plain, head + place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """The plain bytes. Raises CannotOpen."""
        head = sealed[: 1 + KEY_ID_BYTES]
        key = self.keys.get(head[1:].hex())
        if len(sealed) < 1 + KEY_ID_BYTES + NONCE_BYTES or head[0] != SEAL_VERSION or key is None:
            raise CannotOpen(f"{place}: not sealed with a key of this key file")
        nonce, ciphertext = sealed[1 + KEY_ID_BYTES :][:NONCE_BYTES], sealed[1 + KEY_ID_BYTES + NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, ciphertext, head + place.encode())
        except InvalidTag:
            raise CannotOpen(f"{place}: the value was altered, or belongs to another place") from None

    def blind(self, text: str) -> bytes:
        """32 bytes by which an encrypted value is found again without being readable (HMAC-SHA256)."""
        return hmac.new(self.index_key, text.encode(), hashlib.sha256).digest()


def new_keyring() -> Keyring:
    """Fresh random keys."""
    key_id = os.urandom(KEY_ID_BYTES).hex()
    return Keyring(key_id, {key_id: os.urandom(KEY_BYTES)}, os.urandom(KEY_BYTES))


def make_key_file(path: Path, now: datetime) -> Keyring:
    """Make the file once, readable by its owner only. Never overwrites: raises KeyFileError where it exists.

    Written to a temporary name, synced, then linked: a power cut leaves either no key file or a whole one.
    """
    keyring = new_keyring()
    text = json.dumps(
        {
            "callbot_keys": 1,
            "made_at": now.isoformat(),
            "current": keyring.current,
            "keys": {key_id: base64.b64encode(key).decode() for key_id, key in keyring.keys.items()},
            "index_key": base64.b64encode(keyring.index_key).decode(),
        },
        indent=1,
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(temporary)
    except FileExistsError:
        raise KeyFileError(f"key file {path} already exists; it is never overwritten") from None
    finally:
        temporary.unlink()
    return keyring


def read_key_file(path: Path) -> Keyring:
    """The keys. Raises KeyFileMissing, or KeyFileError where it cannot be read."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        keys = {str(key_id): _key(value) for key_id, value in raw["keys"].items()}
        keyring = Keyring(str(raw["current"]), keys, _key(raw["index_key"]))
    except FileNotFoundError:
        raise KeyFileMissing(
            f"key file {path} is missing; restore it from its backup (without it nothing personal can be read), "
            "or run `callbot migrate` for a new, empty database"
        ) from None
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise KeyFileError(f"key file {path} cannot be read ({error}); restore it from its backup") from error
    if keyring.current not in keyring.keys:
        raise KeyFileError(f"key file {path}: the current key {keyring.current!r} is not among its keys")
    return keyring


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"a key is not base64: {error}") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {len(key)} bytes, not {KEY_BYTES}")
    return key
