"""Signing in, sessions and the middleware, over real HTTP."""

import logging
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from bot.accounts import administration
from bot.console.sessions import Sessions
from bot.database import tables
from bot.domain.staff import Role
from bot.privacy import audit_log
from bot.settings import Settings
from tests.console import PASSWORD, Desk, StaffClient, a_console, add_staff, signed_in
from tests.servers import KEY

PAGES = ["/", "/statistics", "/account"]
ADMIN_PAGES = ["/canned", "/canned/new", "/staff", "/privacy", "/audit"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_console(tmp_path, SESSION_IDLE_MINUTES="60") as desk:
        add_staff(desk.store, "olga", role=Role.ADMIN)
        add_staff(desk.store, "anna")
        yield desk


@pytest.fixture
def browser(desk: Desk) -> Iterator[StaffClient]:
    with StaffClient(desk) as client:
        yield client


def cookie(response: httpx.Response, name: str = "staff_session") -> dict[str, str]:
    for header in response.headers.get_list("set-cookie"):
        parsed = SimpleCookie(header)
        if name in parsed:
            return {"value": parsed[name].value, **{key: str(value) for key, value in parsed[name].items()}}
    return {}


def test_every_page_asks_to_sign_in_and_leads_back(browser: StaffClient) -> None:
    for path in PAGES + ADMIN_PAGES + ["/handoffs/1", "/nowhere"]:
        response = browser.get(f"/console{path}", params={"a": "1 2"})
        assert response.status_code == 303
        assert response.headers["Location"].startswith("/console/sign-in?next=%2Fconsole%2F")
    page = browser.page("/console/statistics?from=2026-01-01")
    assert 'name="next" value="/console/statistics?from=2026-01-01"' in page
    response = browser.submit("/console/sign-in", login="anna", password=PASSWORD, next="/console/statistics?from=1")
    assert (response.status_code, response.headers["Location"]) == (303, "/console/statistics?from=1")


def test_a_script_without_a_session_is_told_where_to_sign_in(browser: StaffClient) -> None:
    for headers in ({"Accept": "*/*"}, {"Accept": "text/html", "Sec-Fetch-Mode": "cors"}):
        response = browser.get("/console/", headers=headers)
        assert response.status_code == 401
        assert response.json()["sign_in"] == "/console/sign-in"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/console//evil.example/../../..//x\\y",
        "/consolex",
        "javascript:alert(1)",
        "/console/\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_nobody_is_led_to_another_website(browser: StaffClient, target: str) -> None:
    browser.page("/console/sign-in")
    response = browser.submit("/console/sign-in", login="anna", password=PASSWORD, next=target)
    assert response.headers["Location"] == "/console/"
    assert "a" not in response.cookies


def test_a_refused_attempt_says_so_and_keeps_the_login(browser: StaffClient) -> None:
    response = browser.sign_in("anna", "wrong")
    assert response.status_code == 403
    assert "The login or the password is wrong." in response.text
    assert 'value="anna"' in response.text
    assert "wrong" not in response.text.replace("is wrong", "")


def test_after_five_failures_the_page_says_how_long_to_wait(desk: Desk, browser: StaffClient) -> None:
    for _ in range(5):
        browser.sign_in("anna", "wrong")
    response = browser.sign_in("anna")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")
    assert "try again in 60 seconds" in response.text
    desk.clock.passes(seconds=60)
    assert browser.sign_in("anna").status_code == 303


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_websites(browser: StaffClient) -> None:
    kept = cookie(browser.sign_in("anna"))
    assert (kept["httponly"], kept["samesite"], kept["path"]) == ("True", "lax", "/console")
    assert not kept["secure"]


def test_over_https_the_cookies_are_for_https_only(tmp_path: Path) -> None:
    with a_console(tmp_path, PUBLIC_URL="https://help.example.org") as desk, StaffClient(desk) as browser:
        assert cookie(browser.get("/console/sign-in"))["secure"] == "True"
    (tmp_path / "proxied").mkdir()
    with a_console(tmp_path / "proxied") as desk, StaffClient(desk) as browser:
        response = browser.get("/console/sign-in", headers={"X-Forwarded-Proto": "https"})
        assert cookie(response)["secure"] == "True"


def test_where_people_come_by_https_browsers_never_come_by_http_again(tmp_path: Path) -> None:
    with a_console(tmp_path, PUBLIC_URL="https://help.example.org") as desk, StaffClient(desk) as browser:
        assert browser.get("/console/sign-in").headers["Strict-Transport-Security"].startswith("max-age=")
    (tmp_path / "plain").mkdir()
    with a_console(tmp_path / "plain") as desk, StaffClient(desk) as browser:
        assert "Strict-Transport-Security" not in browser.get("/console/sign-in").headers


def test_signing_in_begins_another_session(browser: StaffClient) -> None:
    before = cookie(browser.get("/console/sign-in"))["value"]
    assert cookie(browser.sign_in("anna"))["value"] != before


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(desk: Desk) -> None:
    with signed_in(desk, "anna") as browser:
        for _ in range(23):
            desk.clock.passes(minutes=30)
            assert browser.get("/console/account").status_code == 200
        desk.clock.passes(minutes=29)
        assert browser.get("/console/account").status_code == 200
        desk.clock.passes(minutes=1)
        assert browser.get("/console/account").status_code == 303


def test_a_session_that_nobody_uses_ends_although_its_page_refreshes_itself(desk: Desk) -> None:
    by_itself = {"Sec-Fetch-Mode": "cors"}
    with signed_in(desk, "anna") as browser:
        desk.clock.passes(minutes=59)
        assert browser.get("/console/account").status_code == 200
        desk.clock.passes(minutes=59)
        assert browser.get("/console/account", headers=by_itself).status_code == 200
        assert browser.submit("/console/handoffs/1/seen", line="1").status_code == 404
        desk.clock.passes(minutes=1)
        assert browser.get("/console/account", headers=by_itself).status_code == 401
        assert browser.get("/console/account").status_code == 303


def test_a_kept_cookie_is_good_for_nothing_after_signing_out(desk: Desk) -> None:
    with signed_in(desk, "anna") as browser, signed_in(desk, "anna") as elsewhere:
        kept = browser.cookies["staff_session"]
        browser.submit("/console/sign-out")
        browser.cookies.set("staff_session", kept, path="/console")
        assert browser.get("/console/account").status_code == 303
        # Her other browser goes on.
        assert elsewhere.get("/console/account").status_code == 200
        # What is kept is no key.
        with desk.store.reading() as work:
            assert kept not in str(work.execute(sa.select(tables.staff_sessions)).all())


def test_a_forged_or_foreign_cookie_is_nobody(desk: Desk, browser: StaffClient) -> None:
    sessions = Sessions("another key that is as long as ours is", secure=False)
    request, response = Request({"type": "http", "headers": [], "path": "/", "server": ("x", 80)}), Response()
    sessions.write(request, response, sessions.new(desk.clock(), administration.all_of(desk.store)[0]))
    forged = SimpleCookie(response.headers["set-cookie"])["staff_session"].value
    for value in (forged, "", "garbage", "W10.abc"):
        assert browser.get("/console/account", headers={"Cookie": f"staff_session={value}"}).status_code == 303


def test_disabled_reset_and_signed_out_everywhere_end_open_sessions_at_once(desk: Desk) -> None:
    olga, anna = (
        next(p.id or 0 for p in administration.all_of(desk.store) if p.login == login) for login in ("olga", "anna")
    )
    with signed_in(desk, "anna") as browser:
        administration.disable(desk.store, olga, anna, desk.clock())
        assert browser.get("/console/account").status_code == 303
        administration.enable(desk.store, olga, anna, desk.clock())
        assert browser.get("/console/account").status_code == 303
    with signed_in(desk, "anna") as browser, signed_in(desk, "anna") as elsewhere:
        assert elsewhere.submit("/console/account/sign-out-everywhere").status_code == 303
        assert browser.get("/console/account").status_code == 303
    with signed_in(desk, "anna") as browser:
        administration.reset(desk.store, olga, anna, desk.clock())
        assert browser.get("/console/account").status_code == 303


def test_signing_out_ends_the_browsers_session(desk: Desk) -> None:
    with signed_in(desk, "anna") as browser:
        assert browser.submit("/console/sign-out").headers["Location"] == "/console/sign-in"
        assert "You have signed out." in browser.page("/console/sign-in")
        assert "You have signed out." not in browser.page("/console/sign-in")
        assert browser.get("/console/account").status_code == 303


CHANGES = [
    "/sign-out",
    "/account/name",
    "/account/password",
    "/account/sign-out-everywhere",
    "/staff",
    "/staff/1/disable",
    "/staff/1/reset",
    "/canned/new",
    "/privacy/export",
    "/privacy/erase",
    "/handoffs/1/take",
    "/nowhere",
]


@pytest.mark.parametrize("path", CHANGES)
def test_no_change_without_our_own_pages_token(desk: Desk, path: str) -> None:
    with signed_in(desk, "olga") as browser, signed_in(desk, "anna") as other:
        for token in ("", "0" * 64, other.headers["X-CSRF-Token"], "ü"):
            for sent in ({"headers": {"X-CSRF-Token": token.encode()}}, {"data": {"csrf": token}}):
                browser.headers.pop("X-CSRF-Token", None)
                response = browser.post(f"/console{path}", **sent)
                assert response.status_code == 403
                assert "page has become old" in response.text
    assert all(person.enabled and person.password_hash for person in administration.all_of(desk.store))


def test_signing_in_needs_the_token_too(browser: StaffClient) -> None:
    assert browser.post("/console/sign-in", data={"login": "anna", "password": PASSWORD}).status_code == 403


def test_a_form_sent_after_the_session_is_over_says_so(desk: Desk) -> None:
    with signed_in(desk, "anna") as browser:
        desk.clock.passes(hours=1)
        response = browser.submit("/console/account/name", name="Anna B.")
        assert response.headers["Location"] == "/console/sign-in?over=1"
        assert "please do it again" in browser.page("/console/sign-in?over=1")


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_agents_may_not_see_admins_pages(desk: Desk, path: str) -> None:
    with signed_in(desk, "anna") as browser:
        response = browser.get(f"/console{path}")
        assert response.status_code == 403
        assert "for admins" in response.text
        page = browser.page("/console/account")
        assert f'href="/console{path}"' not in page
    refused = audit_log.events(desk.store, audit_log.Wanted(actor="anna"), limit=1)[0]
    assert (refused.action, refused.details) == ("admin_page_refused", {"page": f"/console{path}"})


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"x" * 100_001, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(101)), "application/x-www-form-urlencoded", 400),
        (b"name=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"name=\xff", "application/x-www-form-urlencoded", 400),
        (b'{"name": "Anna"}', "application/json", 422),
        (b"", "", 422),
        (b"name=%00", "application/x-www-form-urlencoded", 422),
    ],
)
def test_a_body_that_is_no_form_gets_a_clear_answer(desk: Desk, body: bytes, kind: str, status: int) -> None:
    with signed_in(desk, "anna") as browser:
        response = browser.post("/console/account/name", content=body, headers={"Content-Type": kind})
        assert response.status_code == status


@pytest.mark.parametrize("path", ["/nowhere", "/staff/99999999999999999999/disable", "/handoffs/999", "/canned/999"])
def test_what_does_not_exist_is_a_page_that_says_so(desk: Desk, path: str) -> None:
    with signed_in(desk, "olga") as browser:
        response = browser.get(f"/console{path}")
        assert response.status_code in {404, 405}
        assert "<h1>" in response.text
        assert "Olga" in response.text


def test_pages_carry_a_strict_policy_and_stay_out_of_caches_and_frames(desk: Desk) -> None:
    with signed_in(desk, "olga") as browser:
        for path in PAGES + ADMIN_PAGES:
            response = browser.get(f"/console{path}")
            policy = response.headers["Content-Security-Policy"]
            for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'"):
                assert part in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert response.headers["X-Frame-Options"] == "DENY"
            assert response.headers["Cache-Control"] == "no-store"
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", response.text)


# ------------------------------------------------------------------------------------------- one-time links


def test_the_first_admin_chooses_a_password_and_is_signed_in(tmp_path: Path) -> None:
    with a_console(tmp_path) as desk, StaffClient(desk) as browser:
        settings = Settings.read({"DATABASE_URL": "sqlite://", "PUBLIC_URL": desk.url})
        link = administration.first_admin_link(desk.store, settings, desk.clock()) or ""
        path = link.removeprefix(desk.url)
        assert 'value="admin"' in browser.page(path)
        fields = {"name": "Olga", "password": PASSWORD, "again": "something else"}
        refused = browser.submit(path, **fields)
        assert refused.status_code == 422
        assert "The two passwords differ" in refused.text
        assert PASSWORD not in refused.text
        assert "at least 12" in browser.submit(path, **{**fields, "password": "short", "again": "short"}).text
        accepted = browser.submit(path, **{**fields, "again": PASSWORD})
        assert accepted.headers["Location"] == "/console/"
        assert "Welcome, Olga." in browser.page("/console/staff")
        with StaffClient(desk) as eve:
            response = eve.get(path)
            assert response.status_code == 404
            assert "used or has expired" in response.text


def test_one_changes_ones_own_name_and_password(desk: Desk) -> None:
    with signed_in(desk, "anna") as browser, signed_in(desk, "anna") as elsewhere:
        assert browser.submit("/console/account/name", name="").status_code == 422
        browser.submit("/console/account/name", name="Anna Bell")
        assert "Anna Bell" in browser.page("/console/account")
        new = {"password": "another quiet river", "again": "another quiet river"}
        wrong = browser.submit("/console/account/password", old="wrong", **new)
        assert wrong.status_code == 422
        assert 'id="old-error"' in wrong.text
        assert browser.submit("/console/account/password", old=PASSWORD, **new).status_code == 303
        assert "has been changed" in browser.page("/console/account")
        assert elsewhere.get("/console/account").status_code == 303


def test_nothing_typed_at_sign_in_is_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), StaffClient(desk) as browser:
        browser.sign_in("anna", "my wrong password")
        browser.sign_in("anna")
    ours = " ".join(record.getMessage() for record in caplog.records if record.name.startswith(("bot", "uvicorn")))
    assert "my wrong password" not in ours
    assert PASSWORD not in ours


def test_the_key_signs_sessions_of_every_process(tmp_path: Path) -> None:
    with a_console(tmp_path) as desk:
        add_staff(desk.store, "anna")
        with signed_in(desk, "anna") as browser:
            session = browser.cookies["staff_session"]
        with a_console(tmp_path, SECRET_KEY=KEY) as second:
            response = httpx.get(
                f"{second.url}/console/account",
                headers={"Cookie": f"staff_session={session}", "Accept": "text/html"},
                trust_env=False,
            )
            assert response.status_code == 200
