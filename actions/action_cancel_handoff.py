"""The visitor no longer wants to be contacted."""

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import agrees, wants_to_stop
from actions.dependencies import Dependencies
from actions.last_message import language_of, last_message, response_before, words_to_forget
from actions.threaded_action import ThreadedAction
from bot.domain.handoff import State
from bot.handoff import services
from bot.privacy.redaction import FORGET

ASK = "utter_ask_cancel"


class CancelHandoff(ThreadedAction):
    """Cancels a waiting handoff and erases its contact details, once the visitor has confirmed it."""

    def name(self) -> str:
        """As Rasa calls it."""
        return "action_cancel_handoff"

    def act(self, dependencies: Dependencies, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Events: the contact details are forgotten in the transcript too."""
        store, conversation = dependencies.store, tracker.sender_id
        state = services.standing(store, conversation).state
        if state is State.WAITING and not _is_confirmed(dependencies, tracker):
            dispatcher.utter_message(response=ASK)
            return []
        # Cancelled already: what came of it may not have reached Rasa, and then the words are still there.
        cancelled = services.cancel(store, conversation, dependencies.now()) or state is State.CANCELLED
        dispatcher.utter_message(response="utter_request_cancelled" if cancelled else "utter_cancel")
        return [SlotSet(FORGET, words_to_forget(dependencies, tracker))] if cancelled else []


def _is_confirmed(dependencies: Dependencies, tracker: Tracker) -> bool:
    # Whatever cannot be read looks a little like a wish to stop: only clear words count, and only as an answer.
    said = last_message(tracker)
    extractor = dependencies.extractor.in_language(language_of(tracker))
    clear = agrees(extractor, said) or wants_to_stop(extractor, said)
    return clear and response_before(tracker) == ASK
