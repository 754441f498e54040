"""What the console calls things."""

from bot.domain.alert import AlertKind
from bot.domain.handoff import Kind, Outcome, State
from bot.domain.reply import ReplyState

STATES = {
    State.WAITING: "Waiting",
    State.ACTIVE: "Active",
    State.RESOLVED: "Resolved",
    State.CANCELLED: "Cancelled",
}
KINDS = {Kind.ENROLLMENT: "Enrollment", Kind.HUMAN: "A person"}
OUTCOMES = {
    Outcome.ENROLLED: "Enrolled",
    Outcome.ANSWERED: "Question answered",
    Outcome.REFERRED: "Referred elsewhere",
    Outcome.NOT_REACHED: "Not reached",
    Outcome.OTHER: "Other",
}
ALERTS = {AlertKind.EMERGENCY: "Emergency", AlertKind.CRISIS: "Crisis"}
REPLY_STATES = {
    ReplyState.QUEUED: "Queued",
    ReplyState.SENT: "Sent",
    ReplyState.DELIVERED: "Delivered",
    ReplyState.FAILED: "Not delivered",
}
CHANNELS = {
    "web": "Website",
    "rest": "REST",
    "telegram": "Telegram",
    "twilio": "WhatsApp",
    "facebook": "Messenger",
    "slack": "Slack",
}
LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese",
    "ru": "Russian",
    "tr": "Turkish",
    "zh": "Chinese",
}


def channel(name: str) -> str:
    """A channel's name."""
    return CHANNELS.get(name, name.capitalize())


def language(code: str | None) -> str:
    """A language's name; empty when it is not known."""
    return LANGUAGES.get((code or "").split("-")[0].lower(), code or "")
