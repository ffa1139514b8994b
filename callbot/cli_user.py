"""`callbot user`: accounts of the console."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from callbot.console import accounts
from callbot.console.accounts import BadAccount
from callbot.console.deps import wall_clock
from callbot.console.passwords import WeakPassword, generate
from callbot.console.words import ROLES, word
from callbot.settings import SettingsError, load
from callbot.store import console_accounts
from callbot.store.database import DatabaseUnreachable, Store
from callbot.store.keys import KeyFileError
from callbot.store.migrate import NotMigrated, open_store

app = typer.Typer(no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="아이디 (영문자, 숫자)")]
Generate = Annotated[bool, typer.Option("--generate", help="비밀번호를 만들어 한 번 보여 줍니다")]


@app.command("add")
def add(
    login: Login,
    role: Annotated[
        str, typer.Option(help="caseworker(담당자), supervisor(관리자), admin(시스템 관리자)")
    ] = "caseworker",
    name: Annotated[str, typer.Option(help="화면에 나올 이름")] = "",
    programme: Annotated[str, typer.Option(help="담당 사업 이름 (하나뿐이면 생략)")] = "",
    generate_password: Generate = False,
) -> None:
    """계정을 만듭니다."""
    with _store() as store:
        password = _password(generate_password)
        made = accounts.add(store, login, password, role, wall_clock(), name=name, programme=programme)
        typer.echo(f"{word(made.role, 'role')} 계정 {made.login}을(를) 만들었습니다.", err=True)
    _show(password, generate_password)


@app.command("password")
def password(login: Login, generate_password: Generate = False) -> None:
    """비밀번호를 바꿉니다. 그 계정은 모든 곳에서 로그아웃됩니다."""
    with _store() as store:
        new = _password(generate_password)
        accounts.set_password(store, login, new, wall_clock())
        typer.echo(f"{login}의 비밀번호를 바꾸었습니다.", err=True)
    _show(new, generate_password)


@app.command("disable")
def disable(login: Login) -> None:
    """계정을 곧바로 막습니다."""
    with _store() as store:
        accounts.set_active(store, login, wall_clock(), active=False)
        typer.echo(f"{login} 계정을 막았습니다.", err=True)


@app.command("enable")
def enable(login: Login) -> None:
    """막은 계정을 다시 엽니다."""
    with _store() as store:
        accounts.set_active(store, login, wall_clock(), active=True)
        typer.echo(f"{login} 계정을 다시 열었습니다.", err=True)


@app.command("list")
def list_accounts() -> None:
    """계정 목록: 아이디, 역할, 이름, 상태 (탭으로 나눔)."""
    with _store() as store, store.read() as connection:
        for account in console_accounts.list_accounts(connection):
            state = "사용" if account.active else "막힘"
            typer.echo(f"{account.login}\t{ROLES.get(account.role, account.role)}\t{account.name}\t{state}")


@contextmanager
def _store() -> Iterator[Store]:
    """The configured database; every expected fault ends the command with one sentence and 1."""
    try:
        settings = load()
        store = open_store(settings.database, settings.keys)
        try:
            yield store
        finally:
            store.close()
    except (BadAccount, WeakPassword, SettingsError, DatabaseUnreachable, KeyFileError, NotMigrated) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _password(made_up: bool) -> str:
    if made_up:
        return generate()
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    text: str = typer.prompt("비밀번호", hide_input=True, confirmation_prompt="한 번 더", err=True)
    return text


def _show(password_made: str, made_up: bool) -> None:
    if made_up:
        typer.echo(password_made)
