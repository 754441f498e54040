"""Where the pages of the guide are served: made once, when the website starts."""

from pathlib import Path
from typing import Any

from starlette.routing import Route

from bot.content.catalogue import ContentError, read_explanations, read_sources, read_yaml
from bot.content.pages import EVERY_PAGE_FILE, GUIDE, read_pages
from bot.content.reader import DOMAIN_FILE
from bot.guide.page import Frame, html
from bot.widget.files import FOR_OUR_PAGE, SCRIPT, File

STATIC = Path(__file__).parent / "static"
CANNOT_WAIT, NOTICE = "utter_cannot_wait", "utter_notice"


def guide_routes() -> list[Route]:
    """The pages and their files; none where no page is written.

    Raises:
        ContentError: a page cannot be read, or names something that does not exist.
    """
    if not read_pages():
        return []
    frame = read_frame()
    pages = [Route(page.path, File(html(page, frame), "text/html", FOR_OUR_PAGE).serve) for page in frame.pages]
    files = [
        Route(f"{GUIDE}/{name}", File((STATIC / name).read_text("utf-8"), media_type, FOR_OUR_PAGE).serve)
        for name, media_type in (("guide.css", "text/css"), ("guide.js", SCRIPT))
    ]
    return [*pages, *files]


def read_frame() -> Frame:
    """What stands around the pages, and the pages.

    Raises:
        ContentError: as ``guide_routes``.
    """
    domain = read_yaml(DOMAIN_FILE)
    return Frame(
        words=read_yaml(EVERY_PAGE_FILE),
        cannot_wait=_reply(domain, CANNOT_WAIT),
        notice=_reply(domain, NOTICE),
        pages=read_pages(),
        sources=read_sources(),
        explanations=read_explanations(),
    )


def _reply(domain: Any, name: str) -> str:
    try:
        return str(domain["responses"][name][0]["text"]).strip()
    except (KeyError, IndexError, TypeError) as error:
        raise ContentError(f"{DOMAIN_FILE}: the pages of the guide need the reply {name}.") from error
