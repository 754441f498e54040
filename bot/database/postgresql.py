"""PostgreSQL that does not answer: every wait for it has an end, on both sides of the connection.

The server ends a statement that takes too long (``statement_timeout``). One that stands still, or a network that is
gone, ends nothing: so the client looks at its watch as well. psycopg2 hands its waiting to a function of ours, which is
its own extension point (``set_wait_callback``); when that gives up, psycopg2 closes the connection.
"""

import select
import time
from typing import Any

import psycopg2
from psycopg2 import extensions

# Beyond what the server itself allows a statement: its refusal is the better message.
SECONDS_OF_GRACE = 0.5
# A machine that has vanished says nothing: what was sent has to be confirmed, and a silent connection is looked at.
KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}


def connect_arguments(seconds_for_a_statement: float, seconds_to_wait: float) -> dict[str, Any]:
    """What ``psycopg2.connect`` is given, so that nothing takes longer.

    Args:
        seconds_to_wait: for a connection, and for a lock.
    """
    extensions.set_wait_callback(_wait)
    patience = seconds_for_a_statement + SECONDS_OF_GRACE
    limits = {
        "statement_timeout": seconds_for_a_statement,
        "lock_timeout": min(seconds_to_wait, seconds_for_a_statement),
        # Who forgets a transaction holds up everybody.
        "idle_in_transaction_session_timeout": 60,
    }
    return {
        "connection_factory": type(
            "PatientConnection",
            (extensions.connection,),
            {"patience": patience, "patience_to_connect": seconds_to_wait},
        ),
        "options": " ".join(f"-c {name}={milliseconds(limit)}" for name, limit in limits.items()),
        "tcp_user_timeout": milliseconds(patience),
        **KEEPALIVE,
    }


def milliseconds(seconds: float) -> int:
    """As PostgreSQL takes it."""
    return round(seconds * 1000)


def _wait(connection: Any) -> None:
    """Waits until psycopg2 can go on.

    Raises:
        psycopg2.OperationalError: the server says nothing for longer than the connection's ``patience``, in seconds.
    """
    is_new = connection.status == extensions.STATUS_SETUP
    patience: float | None = getattr(connection, "patience_to_connect" if is_new else "patience", None)
    end = None if patience is None else time.monotonic() + patience
    while (state := connection.poll()) != extensions.POLL_OK:
        # Not select.select, which knows no descriptor above 1023.
        poller = select.poll()
        poller.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        left = None if end is None else max(0.0, end - time.monotonic())
        if not poller.poll(None if left is None else milliseconds(left)):
            raise psycopg2.OperationalError(f"timeout: the database said nothing for {patience} seconds")
