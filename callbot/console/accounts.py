"""Making and changing accounts: what `callbot user` and the demonstration do."""

from datetime import datetime

from callbot.console import passwords
from callbot.people.team import Role
from callbot.store import console_accounts
from callbot.store.console_accounts import Account
from callbot.store.database import Store

ROLES = ("caseworker", "supervisor", "admin")
DEMO_LOGIN = "demo"


class BadAccount(ValueError):
    """The message says, in Korean, what to mend."""


def add(
    store: Store, login: str, password: str, role: str, now: datetime, *, name: str = "", programme: str = ""
) -> Account:
    """A new account. A caseworker's is tied to a programme: with `name`, as a new member of its team.

    Raises BadAccount, WeakPassword.
    """
    _check(login, role)
    passwords.check_strength(password, login)
    hashed = passwords.Passwords().hash(password)
    with store.write() as connection:
        if console_accounts.find_account(connection, login) is not None:
            raise BadAccount(
                f"아이디 {login!r}은(는) 이미 있습니다. 다른 아이디를 쓰거나 `callbot user password`로 바꾸세요."
            )
        worker_id = None
        if role == "caseworker" or name:
            programme_id = _programme(console_accounts.programmes_by_name(connection), programme)
            team_role = Role.CASEWORKER if role == "caseworker" else Role.SUPERVISOR
            worker_id = console_accounts.add_worker(connection, programme_id, name or login, team_role)
        console_accounts.add_account(connection, login, hashed, role, now, worker_id=worker_id)
        made = console_accounts.find_account(connection, login)
    if made is None:
        raise BadAccount(f"아이디 {login!r}을(를) 만들지 못했습니다.")
    return made


def set_password(store: Store, login: str, password: str, now: datetime) -> None:
    """Whoever is logged in with it is logged out, and a lock is lifted. Raises BadAccount, WeakPassword."""
    passwords.check_strength(password, login)
    hashed = passwords.Passwords().hash(password)
    with store.write() as connection:
        account = _find(console_accounts.find_account(connection, login), login)
        console_accounts.change_account(connection, account.id, now, password_hash=hashed)


def set_active(store: Store, login: str, now: datetime, *, active: bool) -> None:
    """Switch an account off (at once, also where it is logged in) or on. Raises BadAccount."""
    with store.write() as connection:
        account = _find(console_accounts.find_account(connection, login), login)
        console_accounts.change_account(connection, account.id, now, active=active)


def ensure_demo_account(store: Store, now: datetime) -> tuple[str, str]:
    """Login and a fresh password, shown once in the terminal: every start of the demonstration makes a new one."""
    password = passwords.generate()
    hashed = passwords.Passwords().hash(password)
    with store.write() as connection:
        known = console_accounts.find_account(connection, DEMO_LOGIN)
        if known is None:
            console_accounts.add_account(connection, DEMO_LOGIN, hashed, "supervisor", now)
        else:
            console_accounts.change_account(connection, known.id, now, password_hash=hashed, active=True)
    return DEMO_LOGIN, password


def _check(login: str, role: str) -> None:
    fine = login.isascii() and login.replace("-", "").replace("_", "").replace(".", "").isalnum()
    if not fine or len(login) > 64:  # noqa: PLR2004
        raise BadAccount(f"아이디 {login!r}을(를) 쓸 수 없습니다. 영문자, 숫자, 점, 밑줄로 64자 안으로 정해 주세요.")
    if role not in ROLES:
        raise BadAccount(f"역할 {role!r}은(는) 없습니다. {', '.join(ROLES)} 가운데 하나를 쓰세요.")


def _find(account: Account | None, login: str) -> Account:
    if account is None:
        raise BadAccount(f"아이디 {login!r}이(가) 없습니다. `callbot user list`로 확인하세요.")
    return account


def _programme(known: dict[str, int], name: str) -> int:
    if name:
        if name not in known:
            raise BadAccount(f"사업 {name!r}이(가) 없습니다. 있는 사업: {', '.join(known) or '없음'}.")
        return known[name]
    if len(known) != 1:
        raise BadAccount(f"--programme 으로 사업을 골라 주세요. 있는 사업: {', '.join(known) or '없음'}.")
    return next(iter(known.values()))
