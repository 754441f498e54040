"""What the bot says when a step of the dialogue failed, the action server being down: nobody is left without a word.

In the middle of a request Rasa asks the action server before it follows any rule. Without it even an emergency would
get no reply. The rules of most intents need no action server, and they are followed here.
"""

from rasa.shared.core.events import UserUttered

from bot.domain.alert import ALARMS

NOT_NOW = "utter_not_now"
QUESTION = "faq"
ANSWERED = {QUESTION, "did_you_mean", "personal_advice", "data_privacy", "bot_identity", "capabilities"}
# A word or two may well be an answer to what was asked ("AML"), and that cannot be read now.
FEW_WORDS = 4


def response_without_actions(message: UserUttered | None) -> str:
    """The response of domain.yml, or of the answers, that fits the last message."""
    intent = message.intent_name if message else None
    if message is None or intent is None:
        return NOT_NOW
    if intent in ALARMS:
        return f"utter_{intent}"
    text = message.text or ""
    if intent not in ANSWERED or (len(text.split()) <= FEW_WORDS and "?" not in text):
        return NOT_NOW
    if intent == QUESTION:
        return str(message.parse_data["response_selector"][QUESTION]["response"]["utter_action"])
    return f"utter_{intent}"
