"""The one program, `callbot`. Each command's module is imported only when it is called: a help text needs no Whisper."""

import importlib
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("callbot.cli_serve", "Everything on one machine; --demo: virtual recipients, a compressed week."),
    "call": ("callbot.cli_call", "One call now, transcript live in the terminal."),
    "rehearse": ("callbot.cli_rehearse", "A script by typing, or by a persona, without a phone."),
    "check": ("callbot.cli_check", "Lint scripts; exit 1 on an error."),
    "score": ("callbot.cli_score", "Score transcripts: JSONL in, JSONL out."),
    "transcribe": ("callbot.cli_transcribe", "Words of WAV files: JSONL out."),
    "say": ("callbot.cli_say", "Speak a text into a WAV file."),
    "console": ("callbot.cli_console", "The web pages alone."),
    "watch": ("callbot.cli_watch", "Notices when nobody is called, and lists whom to phone by hand."),
    "simulate": ("callbot.cli_simulate", "Weeks of calls in minutes, with faults; exit 1 on a broken promise."),
    "phones": ("callbot.cli_phones", "Virtual recipients."),
    "migrate": ("callbot.cli_migrate", "Key file and database, made or brought up to date."),
    "import": ("callbot.cli_import", "People from a CSV file: all or nothing."),
    "sms": ("callbot.cli_sms", "Providers of text messages: check, test send."),
    "export": (
        "callbot.cli_export",
        "Reports: workload, precision of the rules by outcome, other rules in the shadow.",
    ),
    "user": ("callbot.cli_user", "Accounts of the console."),
    "doctor": ("callbot.cli_doctor", "What is missing on this machine, and how to mend it."),
    "bench": ("callbot.cli_bench", "Figures, machine, method."),
}


def _log_to_stderr() -> None:
    """stdout is data. Event names and ids only: never a name, number or utterance."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def build(names: list[str]) -> typer.Typer:
    """An app with these commands."""
    app = typer.Typer(
        name="callbot", help="AI 안부전화: Korean AI welfare calls.", no_args_is_help=True, add_completion=False
    )

    @app.callback()
    def root(
        data_dir: Annotated[Path | None, typer.Option(help="Database, keys, recordings (default .state).")] = None,
    ) -> None:
        """AI 안부전화."""
        if data_dir is not None:
            import os  # noqa: PLC0415

            os.environ["CALLBOT_DATA_DIR"] = str(data_dir.resolve())

    for name in names:
        module, help_text = COMMANDS[name]
        try:
            loaded = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            continue
        if isinstance(getattr(loaded, "app", None), typer.Typer):
            app.add_typer(loaded.app, name=name, help=help_text)
        else:
            app.command(name=name, help=help_text)(loaded.command)
    return app


def main() -> None:
    """Run the command named on the command line."""
    _log_to_stderr()
    named = [word for word in sys.argv[1:] if word in COMMANDS][:1]
    build(named or list(COMMANDS))()


if __name__ == "__main__":
    main()
