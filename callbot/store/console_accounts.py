"""Accounts, sessions and the access log of the console. Only a session token's hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from callbot.store.console_scope import EVERYTHING, NOTHING, Scope
from callbot.store.tables import access_log, accounts, programmes, sessions, workers

FAILURES_BEFORE_LOCK = 5
LONGEST_LOCK = timedelta(minutes=15)


@dataclass(frozen=True)
class Account:
    """One user of the console."""

    id: int
    login: str
    role: str
    name: str
    """The worker's name; the login where the account belongs to no worker."""
    scope: Scope
    active: bool = True


@dataclass(frozen=True)
class Session:
    """A log-in in force."""

    id: int
    account: Account
    csrf_token: str
    last_seen_at: datetime


def token_hash(token: str) -> bytes:
    """What is kept of a session token. It is 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()


def _accounts() -> sa.Select[*tuple[Any, ...]]:
    joined = accounts.outerjoin(workers, accounts.c.worker_id == workers.c.id)
    return sa.select(
        accounts.c.id, accounts.c.login, accounts.c.role, accounts.c.active, accounts.c.password_hash,
        accounts.c.failed_logins, accounts.c.locked_until, workers.c.name, workers.c.programme_id,
        workers.c.active.label("worker_active"),
    ).select_from(joined)  # fmt: skip


def _account(row: sa.Row[*tuple[Any, ...]]) -> Account:
    mapped = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    role, programme = mapped["role"], mapped["programme_id"]
    scope = Scope(programme) if programme is not None else (NOTHING if role == "caseworker" else EVERYTHING)
    active = bool(mapped["active"]) and mapped["worker_active"] is not False
    return Account(mapped["id"], mapped["login"], role, mapped["name"] or mapped["login"], scope, active)


def find_account(connection: Connection, login: str) -> Account | None:
    """By its exact login."""
    row = connection.execute(_accounts().where(accounts.c.login == login)).first()
    return None if row is None else _account(row)


def list_accounts(connection: Connection) -> list[Account]:
    """Every account, by login."""
    return [_account(row) for row in connection.execute(_accounts().order_by(accounts.c.login))]


@dataclass(frozen=True)
class LoginTry:
    """A log-in that may be checked against `password_hash`."""

    account: Account
    password_hash: str


def begin_login(connection: Connection, login: str, now: datetime) -> LoginTry | None:
    """Count a failure in advance, then hand out what to check; None: unknown, switched off, or locked.

    Counting first means that a burst of parallel guesses cannot slip past the limit. `succeed` takes it back.
    After 5 failures in a row the account is locked for 1, 2, 4, ... at most 15 minutes.
    """
    row = connection.execute(_accounts().where(accounts.c.login == login).with_for_update(of=accounts)).first()
    if row is None:
        return None
    locked_until = row._mapping["locked_until"]  # noqa: SLF001
    account = _account(row)
    if not account.active or (locked_until is not None and locked_until > now):
        return None
    failures = row._mapping["failed_logins"] + 1  # noqa: SLF001
    lock = lock_length(failures)
    connection.execute(
        accounts.update()
        .where(accounts.c.id == account.id)
        .values(failed_logins=failures, locked_until=now + lock if lock else None)
    )
    return LoginTry(account, row._mapping["password_hash"])  # noqa: SLF001


def lock_length(failures: int) -> timedelta | None:
    """How long an account is locked after its n-th failure in a row."""
    if failures < FAILURES_BEFORE_LOCK:
        return None
    return min(timedelta(minutes=2.0 ** min(failures - FAILURES_BEFORE_LOCK, 10)), LONGEST_LOCK)


def succeed(connection: Connection, account_id: int, now: datetime) -> None:
    """The password was right."""
    connection.execute(
        accounts.update()
        .where(accounts.c.id == account_id)
        .values(failed_logins=0, locked_until=None, last_login_at=now)
    )


def open_session(connection: Connection, account_id: int, now: datetime, lifetime: timedelta) -> str:
    """A new session's token, to be given to the browser; it cannot be read back from the database."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        sessions.insert().values(
            token_hash=token_hash(token), account_id=account_id, csrf_token=secrets.token_urlsafe(32), created_at=now,
            last_seen_at=now, expires_at=now + lifetime,
        )
    )  # fmt: skip
    return token


def find_session(connection: Connection, token: str, now: datetime, idle: timedelta) -> Session | None:
    """The session in force, of an account that is still active."""
    row = connection.execute(
        sa.select(sessions.c.id, sessions.c.account_id, sessions.c.csrf_token, sessions.c.last_seen_at).where(
            sessions.c.token_hash == token_hash(token), sessions.c.revoked_at.is_(None), sessions.c.expires_at > now,
            sessions.c.last_seen_at > now - idle,
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    account_row = connection.execute(_accounts().where(accounts.c.id == row.account_id)).one()
    account = _account(account_row)
    return Session(row.id, account, row.csrf_token, row.last_seen_at) if account.active else None


def touch_session(connection: Connection, session_id: int, now: datetime) -> None:
    """The user did something."""
    connection.execute(sessions.update().where(sessions.c.id == session_id).values(last_seen_at=now))


def revoke_session(connection: Connection, token: str, now: datetime) -> None:
    """Log out."""
    revoking = sessions.update().where(sessions.c.token_hash == token_hash(token), sessions.c.revoked_at.is_(None))
    connection.execute(revoking.values(revoked_at=now))


def revoke_sessions_of(connection: Connection, account_id: int, now: datetime) -> None:
    """After a change of password or role."""
    revoking = sessions.update().where(sessions.c.account_id == account_id, sessions.c.revoked_at.is_(None))
    connection.execute(revoking.values(revoked_at=now))


def log_access(
    connection: Connection,
    now: datetime,
    account_id: int | None,
    action: str,
    *,
    subject: str | None = None,
    subject_id: int | None = None,
    address: str | None = None,
) -> None:
    """One line of 개인정보 접속기록: who, what, whom, from where. Append-only."""
    connection.execute(
        access_log.insert().values(
            at=now, account_id=account_id, action=action, subject=subject, subject_id=subject_id, address=address
        )
    )


def add_account(
    connection: Connection, login: str, password_hash: str, role: str, now: datetime, *, worker_id: int | None = None
) -> int:
    """Its id. The login must be free."""
    inserting = accounts.insert().values(
        login=login, password_hash=password_hash, role=role, created_at=now, worker_id=worker_id
    )
    account_id: int = connection.execute(inserting.returning(accounts.c.id)).scalar_one()
    return account_id


def change_account(connection: Connection, account_id: int, now: datetime, **values: object) -> None:
    """Password hash, role or `active`; whoever is logged in with it is logged out."""
    connection.execute(
        accounts.update().where(accounts.c.id == account_id).values(failed_logins=0, locked_until=None, **values)
    )
    revoke_sessions_of(connection, account_id, now)


def programmes_by_name(connection: Connection) -> dict[str, int]:
    """Active programmes."""
    return {
        row.name: row.id
        for row in connection.execute(
            sa.select(programmes.c.name, programmes.c.id).where(programmes.c.active).order_by(programmes.c.id)
        )
    }


def add_worker(connection: Connection, programme_id: int, name: str, role: str) -> int:
    """A member of the team, for a new account."""
    inserting = workers.insert().values(programme_id=programme_id, name=name, role=role)
    worker_id: int = connection.execute(inserting.returning(workers.c.id)).scalar_one()
    return worker_id
