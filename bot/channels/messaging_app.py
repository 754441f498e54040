"""What a messaging app is to a channel: how it signs, what it sends, how it is written to."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import httpx

from bot.channels.errors import DeliveryFailed
from bot.channels.incoming import Message, Receipt, Webhook
from bot.channels.turn_io import Utterance
from bot.settings import Settings

# Replies of apps are told apart by these codes; staff see them with spaces.
BLOCKED = "blocked_by_the_visitor"
WINDOW_CLOSED = "the_app_allows_replies_for_24_hours_only"
NO_ACCESS = "the_app_refuses_our_credentials"


class MessagingApp(ABC):
    """One messaging app.

    Attributes:
        name: of its channel.
        confirms: it tells later, by a receipt, whether a reply has arrived; else what it takes has arrived.
        numbers: buttons may be shown as a numbered list, so that a number is a choice.
    """

    name: str
    confirms: bool = False
    numbers: bool = False

    @classmethod
    @abstractmethod
    def of(cls, settings: Settings) -> "MessagingApp | None":
        """The one that the settings have credentials for; None when they have none."""

    @abstractmethod
    def authentic(self, webhook: Webhook) -> bool:
        """Whether the app itself sent this, and lately where it says when."""

    @abstractmethod
    def read(self, webhook: Webhook) -> Sequence[Message | Receipt]:
        """What it brings; what needs no reply (reactions, deletions, groups) is left out.

        Raises:
            BadRequest: it cannot be read.
        """

    @abstractmethod
    def requests(self, address: str, reply: Utterance, hint: str) -> list[httpx.Request]:
        """What to ask of the app's API to send the reply, in this order.

        Args:
            hint: stands above a numbered list.
        """

    @abstractmethod
    def refusal(self, answer: httpx.Response) -> DeliveryFailed | None:
        """Why the app did not take a message, from its answer; None when it did."""

    def acknowledgement(self, webhook: Webhook) -> tuple[str, str]:
        """Body and content type of the answer to a webhook that was read."""
        return "", "text/plain"

    def subscription(self, query: Mapping[str, str]) -> str | None:
        """The answer to a GET by which the app makes sure that the webhook is ours; None refuses."""
        return None


def refused(answer: httpx.Response, code: str) -> DeliveryFailed:
    """A refusal for a reason of the app's own: final, unless it is overloaded or broken."""
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return DeliveryFailed("too_many_messages", wait=seconds(answer.headers.get("Retry-After")))
    if answer.status_code >= 500:
        return DeliveryFailed(f"the_app_has_an_error_{answer.status_code}")
    return DeliveryFailed(code, final=True)


def seconds(value: object) -> float:
    """A number of seconds as an app gives it; 0 if it is none."""
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return 0.0


def content(answer: httpx.Response) -> dict[str, object]:
    """An answer's JSON object; empty when it is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
