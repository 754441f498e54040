"""One HTTP request to one of the product's own addresses."""

import http.client
import urllib.error
import urllib.request


def ask(url: str, body: bytes | None = None, timeout: float = 5) -> tuple[int | None, str]:
    """Status and text of the answer to a GET, or to a POST of JSON; ``(None, "")`` when nothing answers."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    # The address is our own: no proxy stands before it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as response:
            return response.status, response.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return None, ""
