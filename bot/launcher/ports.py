"""Finds out before anything starts whether the ports are free."""

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from bot.launcher.errors import PortUnavailable


@dataclass(frozen=True)
class Port:
    """A port that the product will listen on, and the setting that names it."""

    setting: str
    host: str
    number: int


def check_ports(ports: Sequence[Port]) -> None:
    """Tries each port.

    Raises:
        PortUnavailable: with the setting to change and a number that is free.
    """
    numbers: dict[int, str] = {}
    for port in ports:
        if port.number in numbers:
            raise PortUnavailable(
                f"{numbers[port.number]} and {port.setting} are both {port.number}: give one another number."
            )
        numbers[port.number] = port.setting
        _check(port, numbers)


def _check(port: Port, used: dict[int, str]) -> None:
    problem = _problem(port.host, port.number)
    if problem is None:
        return
    if problem == errno.EADDRINUSE:
        raise PortUnavailable(
            f"Port {port.number} is taken: stop the other program (or an assistant that already runs), "
            f"or set {port.setting}={_free_after(port, used)} and start again."
        )
    if problem == errno.EACCES:
        raise PortUnavailable(
            f"Port {port.number} is not allowed to this user: set {port.setting} to a number above 1023."
        )
    raise PortUnavailable(f"HOST={port.host} is not an address of this machine: leave it out, or correct it.")


def _problem(host: str, number: int) -> int | None:
    try:
        ((family, kind, protocol, _, address), *_) = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)
        with socket.socket(family, kind, protocol) as probe:
            # Without it, a port that was in use a minute ago would look taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    except OSError as error:
        return error.errno
    return None


def _free_after(port: Port, used: dict[int, str]) -> int:
    following = range(port.number + 1, 65536)
    return next((n for n in following if n not in used and _problem(port.host, n) is None), port.number + 1)
