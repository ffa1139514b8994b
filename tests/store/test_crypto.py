"""Encryption at rest: columns, keys, key file."""

import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger_fixtures import TUESDAY, build_town

from callbot.store.database import Store
from callbot.store.keys import (
    CannotOpen,
    KeyFileError,
    KeyFileMissing,
    Keyring,
    WrongKeys,
    make_key_file,
    new_keyring,
    read_key_file,
)
from callbot.store.migrate import NotMigrated, migrate, open_store
from callbot.store.people_rows import persons_with_number
from callbot.store.tables import persons


def test_sealed_opens_only_in_its_place() -> None:
    """A ciphertext opens where it was sealed; copied to another column, altered or cut it does not."""
    keys = new_keyring()
    sealed = keys.seal("김순자".encode(), "persons.name")
    assert keys.open(sealed, "persons.name").decode() == "김순자"
    assert keys.seal(b"x", "a") != keys.seal(b"x", "a")
    for place, value in [
        ("persons.memo", sealed),
        ("persons.name", sealed[:-1]),
        ("persons.name", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("persons.name", b"\x02" + sealed[1:]),
        ("persons.name", sealed[:10]),
        ("persons.name", b""),
    ]:
        with pytest.raises(CannotOpen):
            keys.open(value, place)


def test_keys_rotate_by_adding_one() -> None:
    """What an older key sealed still opens when a newer one is current."""
    old = new_keyring()
    new = Keyring("0badcafe", {**old.keys, "0badcafe": bytes(32)}, old.index_key)
    assert new.open(old.seal(b"x", "a.b"), "a.b") == b"x"
    with pytest.raises(CannotOpen, match="not sealed with a key of this key file"):
        old.open(new.seal(b"x", "a.b"), "a.b")


def test_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    """0600, never overwritten, read back the same."""
    path = tmp_path / "state" / "keys.json"
    made = make_key_file(path, TUESDAY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_file(path) == made
    with pytest.raises(KeyFileError, match="never overwritten"):
        make_key_file(path, TUESDAY)
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("text", ["", "{}", '{"keys": {"k": "!"}, "current": "k", "index_key": ""}', "[]", "\x00"])
def test_damaged_key_file_is_named(tmp_path: Path, text: str) -> None:
    """A damaged key file gives one sentence with its path and the mend."""
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(KeyFileError, match="restore it from its backup"):
        read_key_file(path)


def test_lost_key_file_stops_everything(tmp_path: Path) -> None:
    """With encrypted rows and no key file nothing starts, and no new key file is made over the loss."""
    url, keys = f"sqlite:///{tmp_path}/a.db", tmp_path / "keys.json"
    migrate(url, keys, TUESDAY).store.close()
    keys.unlink()
    for start in (lambda: migrate(url, keys, TUESDAY), lambda: open_store(url, keys)):
        with pytest.raises(KeyFileMissing, match="restore the key file"):
            start()
    assert not keys.exists()


def test_another_installations_keys_are_refused(tmp_path: Path) -> None:
    """The key check tells a wrong key file before anything is read or written with it."""
    url, keys, other = f"sqlite:///{tmp_path}/a.db", tmp_path / "keys.json", tmp_path / "other.json"
    migrate(url, keys, TUESDAY).store.close()
    make_key_file(other, TUESDAY)
    for start in (lambda: migrate(url, other, TUESDAY), lambda: open_store(url, other)):
        with pytest.raises(WrongKeys, match="does not belong to this database"):
            start()


def test_unmigrated_database_is_named(tmp_path: Path) -> None:
    """Opening an empty database says to run `callbot migrate`."""
    make_key_file(tmp_path / "keys.json", TUESDAY)
    with pytest.raises(NotMigrated, match="callbot migrate"):
        open_store(f"sqlite:///{tmp_path}/a.db", tmp_path / "keys.json")


def test_migrate_twice_changes_nothing(tmp_path: Path) -> None:
    """The first run makes key file and schema; the second says that all is there."""
    url, keys = f"sqlite:///{tmp_path}/a.db", tmp_path / "keys.json"
    first, second = migrate(url, keys, TUESDAY), migrate(url, keys, TUESDAY)
    assert (first.made_key_file, first.from_revision) == (True, None)
    assert (second.made_key_file, second.from_revision) == (False, first.to_revision)
    first.store.close()
    second.store.close()


def test_nothing_personal_in_the_file(sqlite_store: Store) -> None:
    """The bytes of the database hold no name, number or address; the same search finds what is not personal."""
    build_town(sqlite_store, people=8)
    with sqlite_store.read() as connection:
        assert connection.scalar(sa.select(persons.c.name).limit(1)) == "박철수"
    directory = Path(str(sqlite_store.engine.url.database)).parent
    raw = b"".join(path.read_bytes() for path in directory.glob("callbot.db*"))
    for secret in (
        "박철수",
        "김순자",
        "한담당",
        "가상로",
        "+821000000001",
        "01000000001",
        "010-0000-0001",
        "821000009001",
    ):
        assert secret.encode() not in raw
        assert secret.encode("utf-16-le") not in raw
    assert "광주광역시 동구청".encode() in raw


def test_number_is_found_blind(store: Store) -> None:
    """A person is found by number through the blind index; another installation's index finds nobody."""
    town = build_town(store, people=2)
    with store.read() as connection:
        assert persons_with_number(connection, store.keys, "+821000000002") == (town.person_ids[1],)
        assert persons_with_number(connection, new_keyring(), "+821000000002") == ()


def test_ciphertext_moved_between_columns_does_not_open(store: Store) -> None:
    """A name copied into the address column is refused, on both databases."""
    build_town(store)
    with store.write() as connection:
        connection.execute(sa.text("UPDATE persons SET address = name"))
    with store.read() as connection, pytest.raises(CannotOpen, match=r"persons\.address"):
        connection.execute(sa.select(persons.c.address)).all()


def test_time_without_zone_is_refused(store: Store) -> None:
    """A naive time never reaches the ledger."""
    town = build_town(store)
    with store.write() as connection, pytest.raises(sa.exc.StatementError, match="without a zone"):
        connection.execute(persons.update().values(created_at=TUESDAY.replace(tzinfo=None)))
    with store.read() as connection:
        assert connection.scalar(sa.select(persons.c.created_at)) == TUESDAY
    assert town.person_ids
