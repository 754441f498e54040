"""The widget on the demo page, in a real browser, in front of a stand-in for Rasa."""

import re
from datetime import datetime, timezone

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.conversation import feedback, transcript, typing_indicator
from bot.conversation.transcript import Speaker
from bot.domain.handoff import Kind, Outcome
from bot.domain.reply import ReplyState
from bot.handoff import services
from tests.e2e.chat import ANSWER, CRISIS, EMERGENCY, QUESTION, RELATED, ask, asked, menu, said
from tests.website import FakeRasa, Website

pytestmark = pytest.mark.e2e


def test_before_the_first_message_the_visitor_reads_about_privacy_and_nothing_is_kept(
    page: Page, website: Website
) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(website.url)
    expect(page.get_by_role("dialog")).to_contain_text("Privacy: what you write is stored")
    expect(page.get_by_role("dialog")).to_contain_text("not medical advice")
    expect(page.get_by_label("Your message")).to_be_visible()
    assert not [url for url in requests if "/chat/" in url]
    assert page.evaluate("localStorage.length") == 0
    ask(page, "hello")
    expect(said(page)).to_have_text(["You said: hello"])
    assert page.context.cookies() == []


def test_an_answer_has_paragraphs_lists_and_folded_sources(page: Page, website: Website) -> None:
    website.rasa.replies[QUESTION] = [ANSWER]
    page.goto(website.url)
    page.get_by_role("button", name=QUESTION).click()
    reply = page.locator(".reply")
    expect(reply.locator("p.title")).to_have_text(QUESTION)
    expect(reply.locator(".text li")).to_have_text(["fever", "confusion"])
    expect(reply).not_to_contain_text("Source:")
    section = reply.get_by_text("“Possible Side Effects”")
    expect(section).to_be_hidden()
    reply.get_by_text("Sources", exact=True).click()
    expect(section).to_be_visible()
    expect(reply.locator("cite")).to_have_text(["CAR T-Cell Therapy", "Treatment Options"])


def test_a_related_question_is_a_button_that_asks_it(page: Page, website: Website) -> None:
    website.rasa.replies[QUESTION] = [ANSWER]
    page.goto(website.url)
    ask(page, QUESTION)
    page.get_by_role("button", name=RELATED).click()
    expect(asked(page)).to_have_text([QUESTION, RELATED])
    expect(said(page).last).to_have_text(f"You said: {RELATED}")
    assert len(website.conversations()) == 1


def test_an_emergency_reply_is_set_apart_with_numbers_to_call(page: Page, website: Website) -> None:
    website.rasa.replies |= {"he cannot breathe": [EMERGENCY], "I want to die": [CRISIS]}
    page.goto(website.url)
    ask(page, "he cannot breathe")
    urgent = page.locator(".reply.urgent")
    expect(urgent).to_contain_text("Emergency: act now")
    expect(urgent.get_by_role("link")).to_have_count(3)
    links = [link.get_attribute("href") for link in urgent.get_by_role("link").all()]
    assert links == ["tel:112", "tel:911", "tel:120"]
    ask(page, "I want to die")
    expect(urgent).to_have_count(2)
    links = [link.get_attribute("href") for link in urgent.last.get_by_role("link").all()]
    assert links == ["tel:988", "https://findahelpline.com"]


def test_the_numbers_in_the_line_on_what_cannot_wait_can_be_called(page: Page, website: Website) -> None:
    for says in (True, False, None):
        metadata = {"kind": "lost", **({} if says is None else {"cannot_wait": says})}
        website.rasa.replies[f"message {says}"] = [{"text": f"{says}: 112, 911, 120", "metadata": metadata}]
    page.goto(website.url)
    for says, links in ((True, 3), (False, 3), (None, 0)):
        ask(page, f"message {says}")
        reply = page.locator(".reply", has_text=f"{says}: 112")
        expect(reply.get_by_role("link")).to_have_count(links)


def test_thumbs_and_a_word_are_stored_and_shown_again(page: Page, website: Website) -> None:
    website.rasa.replies[QUESTION] = [ANSWER]
    page.goto(website.url)
    ask(page, QUESTION)
    helpful = page.get_by_role("group", name="Was this helpful?")
    helpful.get_by_role("button", name="No").click()
    page.get_by_label("Would you like to say why?").fill("Too short.")
    with page.expect_response(re.compile("/chat/feedback")) as stored:
        page.get_by_role("button", name="Send comment").click()
    assert stored.value.status == 200
    expect(page.get_by_text("Thank you.")).to_be_visible()
    assert list(feedback.opinions(website.store, website.conversations()[0]).values()) == [False]
    page.reload()
    expect(helpful.get_by_role("button", name="No")).to_have_attribute("aria-pressed", "true")
    expect(helpful.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "false")


def test_a_reload_and_a_second_tab_show_the_same_conversation_once(page: Page, website: Website) -> None:
    page.goto(website.url)
    ask(page, "one")
    expect(said(page)).to_have_text(["You said: one"])
    page.reload()
    expect(asked(page)).to_have_text(["one"])
    expect(said(page)).to_have_text(["You said: one"])
    tab = page.context.new_page()
    tab.goto(website.url)
    expect(said(tab)).to_have_text(["You said: one"])
    ask(tab, "two")
    for each in (tab, page):
        expect(said(each)).to_have_text(["You said: one", "You said: two"])
        expect(asked(each)).to_have_text(["one", "two"])
    ask(page, "three")
    for each in (tab, page):
        expect(said(each)).to_have_text(["You said: one", "You said: two", "You said: three"])
    assert len(website.conversations()) == 1


def test_enter_sends_and_shift_enter_breaks_the_line(page: Page, website: Website) -> None:
    page.goto(website.url)
    field = page.get_by_label("Your message")
    field.press_sequentially("two")
    field.press("Shift+Enter")
    field.press_sequentially("lines")
    field.press("Enter")
    expect(said(page)).to_have_count(1)
    field.fill("   ")
    field.press("Enter")
    expect(field).to_have_value("")
    assert [message["message"] for message in website.rasa.received] == ["two\nlines"]


def test_what_people_and_the_bot_write_never_becomes_markup(page: Page, website: Website) -> None:
    markup = "<img src=x onerror=alert(1)><b>bold</b>"
    page.goto(website.url)
    ask(page, markup)
    expect(said(page)).to_have_text([f"You said: {markup}"])
    expect(asked(page)).to_have_text([markup])
    assert page.get_by_role("log").locator("img, b").count() == 0


def test_while_an_answer_is_awaited_the_page_says_so_and_takes_more(page: Page, website: Website) -> None:
    website.rasa.silent = True
    page.goto(website.url)
    ask(page, "first")
    expect(page.locator(".status")).to_have_text("Looking for the answer")
    ask(page, "second")
    expect(asked(page)).to_have_text(["first", "second"])
    website.rasa.silent = False
    page.reload()
    expect(said(page)).to_have_text(["You said: first", "You said: second"])
    expect(page.locator(".status")).to_be_empty()


def test_a_person_joins_types_answers_and_is_rated(page: Page, website: Website) -> None:
    website.rasa.replies["Rating: 4"] = [{"text": "Thank you for your rating."}]
    page.goto(website.url)
    ask(page, "a person, please")
    expect(said(page)).to_have_count(1)
    conversation, now = website.conversations()[0], datetime.now(timezone.utc)
    waiting = services.open_handoff(website.store, conversation, "web", Kind.HUMAN, None, now)
    expect(page.locator(".standing")).to_contain_text("You are in line for a person")
    handoff, anna = website.staff_join(conversation)
    assert handoff == waiting.id
    expect(page.locator(".standing")).to_have_text("You are talking with Anna.")
    typing_indicator.mark_typing(website.store, conversation, Speaker.STAFF, datetime.now(timezone.utc))
    expect(page.locator(".status")).to_have_text("Anna is typing")
    with page.expect_response(re.compile("/chat/typing")):
        page.get_by_label("Your message").press_sequentially("thank you")
    assert (conversation, Speaker.VISITOR) in typing_indicator.who_is_typing(website.store, datetime.now(timezone.utc))
    page.get_by_label("Your message").press("Enter")
    reply = services.reply(website.store, handoff, anna, "How can I help?", "request-1", now)
    with page.expect_response(re.compile("/chat/received")) as received:
        website.rasa.hands_over_replies()
    assert received.value.status == 200
    assert reply_state(website, reply.id) is ReplyState.DELIVERED
    expect(page.locator(".reply.staff .who")).to_contain_text("Anna")
    expect(page.locator(".reply.staff .text")).to_have_text("How can I help?")
    services.resolve(website.store, handoff, anna, Outcome.ANSWERED, now)
    expect(page.locator(".standing")).to_contain_text("The assistant is back")
    page.get_by_role("group", name="How did we do?").get_by_role("button", name="4 of 5").click()
    expect(said(page).last).to_have_text("Thank you for your rating.")
    expect(page.locator(".standing")).to_be_hidden()
    assert website.rasa.received[-1]["message"] == "Rating: 4"


def reply_state(website: Website, reply_id: int | None) -> ReplyState:
    with website.store.reading() as work:
        return work.reply(reply_id or 0).state


def test_a_rating_can_be_put_off_for_good(page: Page, website: Website) -> None:
    page.goto(website.url)
    ask(page, "a person, please")
    expect(said(page)).to_have_count(1)
    handoff, anna = website.staff_join(website.conversations()[0])
    expect(page.locator(".standing")).to_contain_text("Anna")
    services.resolve(website.store, handoff, anna, Outcome.ANSWERED, datetime.now(timezone.utc))
    page.get_by_role("button", name="Not now").click()
    page.reload()
    expect(said(page)).to_have_count(2)
    expect(page.locator(".standing")).to_be_hidden()


def test_a_reply_made_while_the_visitor_was_away_waits_on_return(browser: Browser, website: Website) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(website.url)
    ask(page, "a person, please")
    expect(said(page)).to_have_count(1)
    handoff, anna = website.staff_join(website.conversations()[0])
    expect(page.locator(".standing")).to_contain_text("Anna")
    page.get_by_role("button", name="Close chat").click()
    page.close()
    now = datetime.now(timezone.utc)
    reply = services.reply(website.store, handoff, anna, "Here I am.", "request-1", now)
    website.rasa.hands_over_replies()
    assert reply_state(website, reply.id) is ReplyState.SENT
    page = context.new_page()
    page.add_init_script("sessionStorage.length || sessionStorage.setItem(`car-t-assistant ${origin}`, 'false')")
    with page.expect_response(re.compile("/chat/received")):
        page.goto(website.url)
    assert reply_state(website, reply.id) is ReplyState.DELIVERED
    launcher = page.get_by_role("button", name="New messages: 1")
    expect(launcher).to_be_visible()
    launcher.click()
    expect(page.locator(".reply.staff .text")).to_have_text("Here I am.")
    page.get_by_role("button", name="Close chat").click()
    expect(page.get_by_role("button", name="Open chat")).not_to_have_accessible_name(re.compile("New messages"))
    context.close()


ASKS = [
    ("name", "Your name", {"autocomplete": "name"}),
    ("email", "Your e-mail address", {"type": "email", "inputmode": "email", "autocomplete": "email"}),
    ("phone", "Your phone number", {"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    ("contact", "Your e-mail address or phone number", {"inputmode": "email"}),
    ("country", "Your country", {"autocomplete": "country-name"}),
    ("condition", "The condition", {}),
    ("note", "Your note", {}),
    ("patient", "Who is the patient?", {}),
]


def test_enrollment_brings_the_fitting_field_for_each_question(page: Page, website: Website) -> None:
    page.goto(website.url)
    rasa: FakeRasa = website.rasa
    text, label = "enroll", "Your message"
    for name, next_label, _ in ASKS:
        rasa.replies[text] = [{"text": f"Asking for {name}", "metadata": {"kind": "ask", "ask": name}}]
        page.get_by_label(label).fill(text)
        page.get_by_label(label).press("Enter")
        field = page.get_by_label(next_label)
        expect(field).to_be_focused()
        for attribute, value in next(each for each in ASKS if each[0] == name)[2].items():
            expect(field).to_have_attribute(attribute, value)
        text, label = f"my {name}", next_label
    page.get_by_label(label).fill("done")
    page.get_by_label(label).press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()


def test_a_doubtful_address_is_said_at_the_field_and_can_be_sent_anyway(page: Page, website: Website) -> None:
    website.rasa.replies["enroll"] = [{"text": "Your e-mail?", "metadata": {"ask": "email"}}]
    website.rasa.replies["maria@example"] = [{"text": "And your phone?", "metadata": {"ask": "phone"}}]
    page.goto(website.url)
    ask(page, "enroll")
    field = page.get_by_label("Your e-mail address")
    field.fill("maria@example")
    field.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="does not look like an e-mail")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("maria@example")
    assert len(website.rasa.received) == 1
    page.get_by_role("button", name="Send anyway").click()
    phone = page.get_by_label("Your phone number")
    for text in ("why do you ask?", "cancel"):
        website.rasa.replies[text] = [{"text": "Your phone?", "metadata": {"ask": "phone"}}]
        phone.fill(text)
        phone.press("Enter")
        expect(asked(page).last).to_have_text(text)
        expect(phone).to_be_visible()
    phone.fill("12")
    phone.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="does not look like a phone number")).to_be_visible()
    phone.fill("+44 20 7946 0000")
    phone.press("Enter")
    expect(asked(page).last).to_have_text("+44 20 7946 0000")


def test_the_chat_can_be_downloaded(page: Page, website: Website) -> None:
    page.goto(website.url)
    ask(page, "hello")
    expect(said(page)).to_have_count(1)
    with page.expect_download() as download:
        menu(page, "Download this chat")
    assert download.value.suggested_filename == "chat.txt"
    assert "You said: hello" in download.value.path().read_text("utf-8")


def test_the_end_erases_the_chat_everywhere_and_begins_anew(page: Page, website: Website) -> None:
    page.goto(website.url)
    ask(page, "my secret")
    expect(said(page)).to_have_count(1)
    tab = page.context.new_page()
    tab.goto(website.url)
    expect(said(tab)).to_have_count(1)
    page.bring_to_front()
    menu(page, "End and delete this chat")
    page.get_by_role("button", name="Keep it").click()
    expect(said(page)).to_have_count(1)
    menu(page, "End and delete this chat")
    page.get_by_role("button", name="Delete it").click()
    expect(page.locator(".status")).to_have_text("The chat has been deleted.")
    for each in (page, tab):
        expect(each.locator(".line")).to_have_count(0)
    assert transcript.lines(website.store, website.conversations()[0]) == []
    page.reload()
    expect(page.locator(".line")).to_have_count(0)
    ask(page, "hello again")
    expect(said(page)).to_have_text(["You said: hello again"])
    assert len(website.conversations()) == 2
    expect(said(tab)).to_have_text(["You said: hello again"])


def test_an_expired_or_forged_token_begins_a_new_chat_and_loses_no_message(page: Page, website: Website) -> None:
    page.goto(website.url)
    ask(page, "hello")
    expect(said(page)).to_have_count(1)
    page.evaluate(
        """() => {
            const key = `car-t-assistant ${origin}`;
            localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), token: "stale" }));
        }"""
    )
    page.reload()
    expect(page.locator(".status")).to_have_text("Your earlier chat has ended. This is a new one.")
    ask(page, "hello again")
    expect(said(page)).to_have_text(["You said: hello again"])
