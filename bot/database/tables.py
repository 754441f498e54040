"""The tables, and the classes of bot/domain/handoff.py mapped onto them.

``events`` is Rasa's own (SQLTrackerStore); it is listed so that the transcript can be read without Rasa. A test holds
the two together, another the tables and the migrations.
"""

from datetime import datetime, timezone
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry, relationship
from sqlalchemy.sql import ColumnElement

from bot.domain import alert, audit, handoff, reply
from bot.domain import staff as people

LONGEST_ID = 255


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, this puts it back."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To the database: UTC."""
        return value.astimezone(timezone.utc) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """From the database: UTC, with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)


def _choice(choices: type[Enum]) -> sa.Enum:
    return sa.Enum(
        choices,
        native_enum=False,
        length=20,
        validate_strings=True,
        values_callable=lambda kind: [c.value for c in kind],
    )


# What fits in a WHERE.
Condition = ColumnElement[Any]

mapper = registry()
metadata = mapper.metadata


def _id() -> "sa.Column[sa.Integer]":
    return sa.Column("id", sa.Integer, primary_key=True)


def _to(table: str, **options: Any) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", **options)


staff = sa.Table(
    "staff",
    metadata,
    _id(),
    sa.Column("login", sa.String(LONGEST_ID), nullable=False, unique=True),
    sa.Column("name", sa.String(LONGEST_ID), nullable=False),
    sa.Column("role", _choice(people.Role), nullable=False),
    sa.Column("password_hash", sa.String(LONGEST_ID)),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("session_epoch", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("languages", sa.String(LONGEST_ID), nullable=False, server_default=""),
)
# A one-time link to set a password; only a hash of its secret is kept.
password_links = sa.Table(
    "password_links",
    metadata,
    sa.Column("secret_hash", sa.String(64), primary_key=True),
    sa.Column("staff_id", _to("staff", ondelete="CASCADE"), nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime),
)
# Failed attempts to sign in, for throttling; ``key`` is a login or an address, hashed.
# Who is signed in (bot/accounts/sessions.py), until they sign out or are away for long.
staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("key_hash", sa.String(64), primary_key=True),
    sa.Column("staff_id", _to("staff", ondelete="CASCADE"), nullable=False),
    sa.Column("begun_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False),
)
sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    _id(),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_sign_in_failures_key_at", "key", "at"),
)
handoffs = sa.Table(
    "handoffs",
    metadata,
    _id(),
    sa.Column("conversation", sa.String(LONGEST_ID), nullable=False),
    sa.Column("channel", sa.String(50), nullable=False),
    sa.Column("kind", _choice(handoff.Kind), nullable=False),
    sa.Column("state", _choice(handoff.State), nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("language", sa.String(10)),
    sa.Column("owner_id", _to("staff")),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("taken_at", UtcDateTime),
    sa.Column("first_reply_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("outcome", _choice(handoff.Outcome)),
    sa.Column("rating", sa.Integer),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint("state <> 'active' OR owner_id IS NOT NULL", name="active_has_owner"),
    sa.CheckConstraint("state <> 'waiting' OR owner_id IS NULL", name="waiting_has_no_owner"),
    sa.CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_1_to_5"),
    sa.Index("ix_handoffs_state_created_at", "state", "created_at"),
    sa.Index("ix_handoffs_conversation", "conversation"),
)
_IS_OPEN = sa.text("state IN ('waiting', 'active')")
sa.Index(
    "one_open_handoff_a_conversation",
    handoffs.c.conversation,
    unique=True,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("handoff_id", _to("handoffs", ondelete="CASCADE"), primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("name", "patient", "email", "phone", "country", "condition", "note")),
    sa.Column("consented_at", UtcDateTime, nullable=False),
)
notes = sa.Table(
    "notes",
    metadata,
    _id(),
    sa.Column("handoff_id", _to("handoffs", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("author_id", _to("staff"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)
replies = sa.Table(
    "replies",
    metadata,
    _id(),
    sa.Column("conversation", sa.String(LONGEST_ID), nullable=False, index=True),
    sa.Column("handoff_id", _to("handoffs", ondelete="CASCADE")),
    sa.Column("author_id", _to("staff")),
    sa.Column("channel", sa.String(50)),
    sa.Column("text", sa.Text),
    sa.Column("response", sa.String(LONGEST_ID)),
    sa.Column("event_id", sa.Integer),
    sa.Column("slots", sa.JSON, nullable=False),
    sa.Column("request_id", sa.String(LONGEST_ID), unique=True),
    sa.Column("state", _choice(reply.ReplyState), nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("parts_sent", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", UtcDateTime),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("failure", sa.String(100)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("delivered_at", UtcDateTime),
)
alerts = sa.Table(
    "alerts",
    metadata,
    _id(),
    sa.Column("conversation", sa.String(LONGEST_ID), nullable=False, index=True),
    sa.Column("channel", sa.String(50), nullable=False),
    sa.Column("kind", _choice(alert.AlertKind), nullable=False),
    sa.Column("language", sa.String(10)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("seen_by_id", _to("staff")),
    sa.Column("seen_at", UtcDateTime),
)
canned_replies = sa.Table(
    "canned_replies",
    metadata,
    _id(),
    sa.Column("title", sa.String(LONGEST_ID), nullable=False, unique=True),
    sa.Column("text", sa.Text, nullable=False),
)
# What is told to staff outside the console, each way of telling apart, so that it is told once, whoever looks. About a
# handoff or about an alert. ``done_at``: told; ``failed_at``: given up, ``failure`` says why.
notifications = sa.Table(
    "notifications",
    metadata,
    _id(),
    sa.Column("handoff_id", _to("handoffs", ondelete="CASCADE")),
    sa.Column("alert_id", _to("alerts", ondelete="CASCADE")),
    sa.Column("reason", sa.String(20), nullable=False),
    sa.Column("way", sa.String(20), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", UtcDateTime),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("done_at", UtcDateTime),
    sa.Column("failed_at", UtcDateTime),
    sa.Column("failure", sa.String(100)),
    sa.CheckConstraint("(handoff_id IS NULL) <> (alert_id IS NULL)", name="about_one_thing"),
    sa.UniqueConstraint("handoff_id", "reason", "way", name="told_once"),
    sa.UniqueConstraint("alert_id", "way", name="alert_told_once"),
)
# Who is typing, until when. Written at most every few seconds.
typing = sa.Table(
    "typing",
    metadata,
    sa.Column("conversation", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("side", sa.String(10), primary_key=True),
    sa.Column("until", UtcDateTime, nullable=False),
)
# How far each member of staff has read a conversation (an id of ``events``), for the unread marks.
seen_lines = sa.Table(
    "seen_lines",
    metadata,
    sa.Column("handoff_id", _to("handoffs", ondelete="CASCADE"), primary_key=True),
    sa.Column("staff_id", _to("staff", ondelete="CASCADE"), primary_key=True),
    sa.Column("event_id", sa.Integer, nullable=False),
)
# Messages that were taken in, by the sender's own id for them: a message sent twice is read once.
received_messages = sa.Table(
    "received_messages",
    metadata,
    sa.Column("conversation", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("message_id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)
# Where a conversation in a messaging app is answered: its id there, a phone number or a chat. Nowhere else is it kept.
addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("conversation", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("channel", sa.String(50), nullable=False),
    sa.Column("address", sa.String(LONGEST_ID), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
# Thumbs up or down on one line of the transcript, with an optional word.
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("conversation", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("event_id", sa.Integer, primary_key=True),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("comment", sa.Text),
    sa.Column("at", UtcDateTime, nullable=False),
)
audit_events = sa.Table(
    "audit_events",
    metadata,
    _id(),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(LONGEST_ID), nullable=False),
    sa.Column("action", sa.String(50), nullable=False),
    sa.Column("conversation", sa.String(LONGEST_ID), index=True),
    sa.Column("handoff_id", sa.Integer, index=True),
    sa.Column("details", sa.JSON, nullable=False),
)
# Rasa's (rasa.core.tracker_store.SQLTrackerStore.SQLEvent).
events = sa.Table(
    "events",
    metadata,
    _id(),
    sa.Column("sender_id", sa.String(LONGEST_ID), nullable=False, index=True),
    sa.Column("type_name", sa.String(LONGEST_ID), nullable=False),
    sa.Column("timestamp", sa.Float),
    sa.Column("intent_name", sa.String(LONGEST_ID)),
    sa.Column("action_name", sa.String(LONGEST_ID)),
    sa.Column("data", sa.Text),
    # Readers continue after the last id they have: SQLite must not give the ids of erased events to new ones.
    sqlite_autoincrement=True,
)

mapper.map_imperatively(people.Staff, staff)
mapper.map_imperatively(handoff.Contact, contacts)
mapper.map_imperatively(
    handoff.Handoff,
    handoffs,
    version_id_col=handoffs.c.version,
    properties={
        "owner": relationship(people.Staff, lazy="joined"),
        "contact": relationship(handoff.Contact, uselist=False, cascade="all, delete-orphan", lazy="select"),
    },
)
mapper.map_imperatively(
    handoff.Note, notes, properties={"handoff": relationship(handoff.Handoff), "author": relationship(people.Staff)}
)
mapper.map_imperatively(
    reply.Reply,
    replies,
    properties={
        "handoff": relationship(handoff.Handoff, lazy="joined"),
        "author": relationship(people.Staff, lazy="joined"),
    },
)
mapper.map_imperatively(alert.Alert, alerts, properties={"seen_by": relationship(people.Staff)})
mapper.map_imperatively(handoff.CannedReply, canned_replies)
mapper.map_imperatively(audit.AuditEvent, audit_events)
