"""Jinja's environment for the website: its folder and the filters that pages use."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

from markupsafe import Markup
from starlette.templating import Jinja2Templates

NOBODY_KNOWS = "\N{EN DASH}"
FOLDER = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


def templates() -> Jinja2Templates:
    """The pages."""
    found = Jinja2Templates(FOLDER)
    found.env.filters.update(moment=moment, duration=duration)
    found.env.trim_blocks = found.env.lstrip_blocks = True
    return found


def moment(at: datetime | None) -> Markup:
    """A time as people read it, with the exact one for machines."""
    if at is None:
        return Markup("")
    at = at.astimezone(timezone.utc)
    words = f"{at.day} {at:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), words)


def duration(length: timedelta | float | None) -> str:
    """How long something takes: "40 s", "3 min", "1 h 5 min", "2 d 3 h"; a dash where nobody knows."""
    if length is None:
        return NOBODY_KNOWS
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    if seconds < 60:
        return f"{max(0, seconds)} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
