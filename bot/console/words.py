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
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese",
    "ru": "Russian",
    "tr": "Turkish",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
# What a visitor's message is, for staff who do not read its language.
MEANINGS = {
    "emergency": "Emergency",
    "crisis": "Crisis",
    "personal_advice": "Asks what is right for one person",
    "enroll": "Wants to be treated or to enroll",
    "human": "Wants a person",
    "cancel": "Wants to stop or cancel",
    "greet": "Greeting",
    "thank": "Thanks",
    "goodbye": "Goodbye",
    "affirm": "Yes",
    "deny": "No",
    "feelings": "Says how they feel",
    "background": "Tells about themselves",
    "chitchat": "Small talk",
    "did_you_mean": "A question that was not clear",
    "other_language": "Not understood: this language has emergencies only",
    "language_chosen": "Asks for a language",
    "alarm_over": "Help has come",
    "alarm_mistaken": "It was no emergency",
    "data_privacy": "Asks what happens with their data",
    "bot_identity": "Asks whether this is a person",
    "capabilities": "Asks what the assistant can do",
    "rate": "A rating",
}
NOT_UNDERSTOOD = "Not understood"


def meaning(intent: str) -> str:
    """What a message with this intent is."""
    return MEANINGS.get(intent, NOT_UNDERSTOOD)


def channel(name: str) -> str:
    """A channel's name."""
    return CHANNELS.get(name, name.capitalize())


def language(code: str | None) -> str:
    """A language's name; empty when it is not known."""
    return LANGUAGES.get((code or "").split("-")[0].lower(), code or "")
