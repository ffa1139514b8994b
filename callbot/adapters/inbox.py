"""The sender for an installation without an SMS provider: it sends nothing, and says so."""

from callbot.escalate.delivery import Channel
from callbot.escalate.page_state import PageState
from callbot.workflows.providers import Asked, Finding, Message, SendResult

PROVIDER = "inbox"


class InboxSender:
    """Every page becomes 미발송 and stands on the console's inbox page, where the team reads it."""

    def send(self, message: Message) -> SendResult:  # noqa: ARG002 - nothing leaves the building
        """Honest: not sent."""
        return SendResult(PageState.UNSENT, PROVIDER, "no SMS provider is configured")

    def ask(self, reference: str) -> SendResult | None:  # noqa: ARG002 - there is nobody to ask
        """Nothing was ever sent from here, so nothing is in doubt."""
        return SendResult(PageState.UNSENT, PROVIDER, "no SMS provider is configured")


class Inbox:
    """The same as a Provider, for the lanes of the running service."""

    name = PROVIDER
    channel = Channel.INBOX
    can_ask = True
    polled = False

    async def send(self, message: Message) -> SendResult:
        """Honest: not sent."""
        return InboxSender().send(message)

    async def ask(self, asked: Asked) -> SendResult | None:
        """Nothing was ever sent from here."""
        return InboxSender().ask(asked.reference)

    async def check(self) -> tuple[Finding, ...]:
        """Nothing to check."""
        return (Finding("문자", False, "문자 제공자가 설정되지 않았습니다. CALLBOT_SMS (docs/operations/sms.md)"),)

    async def close(self) -> None:
        """Nothing to close."""
