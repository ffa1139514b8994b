"""The sender for an installation without an SMS provider: it sends nothing, and says so."""

from callbot.escalate.page_state import PageState
from callbot.workflows.send_pages import Message, SendResult

PROVIDER = "inbox"


class InboxSender:
    """Every page becomes 미발송 and stands on the console's inbox page, where the team reads it."""

    def send(self, message: Message) -> SendResult:  # noqa: ARG002 - nothing leaves the building
        """Honest: not sent."""
        return SendResult(PageState.UNSENT, PROVIDER, "no SMS provider is configured")

    def ask(self, reference: str) -> SendResult | None:  # noqa: ARG002 - there is nobody to ask
        """Nothing was ever sent from here, so nothing is in doubt."""
        return SendResult(PageState.UNSENT, PROVIDER, "no SMS provider is configured")
