"""Who may ask this server: which Host and Origin a request must name, and the token for another device.

A page of another site can make a browser send requests to this machine. Such a request names the other site as its
origin. If the other site's name leads to 127.0.0.1, it names the other site as its host. Both are refused.
"""

import hmac
import http.cookies
import ipaddress
import secrets
import threading
from dataclasses import dataclass, field

from handwriting.web.not_answered import NotAnswered

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = (LOOPBACK, "localhost")
COOKIE = "draw_session"
FROM_HERE = ("none", "same-origin")  # what a browser says of a request of this page, or of a typed address
CHANGING = ("POST", "DELETE")  # the methods that must say where they come from
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


@dataclass
class Pass:
    """What lets one device of the network in.

    Args:
        token: stands in the address that is printed. It works once.
        session: the cookie that the device gets for the token.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def use(self, token: str) -> bool:
        """Whether this is the token, and was not used before."""
        with self.lock:
            fits = bool(self.token) and hmac.compare_digest(self.token.encode(), token.encode())
            if fits:
                self.token = ""
            return fits

    def knows(self, cookie_header: str) -> bool:
        """Whether a request has the cookie."""
        try:
            cookie = http.cookies.SimpleCookie(cookie_header).get(COOKIE)
        except http.cookies.CookieError:
            return False
        return cookie is not None and hmac.compare_digest(cookie.value.encode(), self.session.encode())

    @property
    def cookie(self) -> str:
        """The header that gives the cookie to the device.

        With SameSite=Strict, a browser would not send it on from a link in a message, and the token would be used up.
        """
        return f"{COOKIE}={self.session}; HttpOnly; SameSite=Lax; Path=/"


@dataclass(frozen=True)
class Gate:
    """Decides which requests are answered.

    Args:
        port: the server's.
        lan_address: this machine's address in its network, if other devices may ask, too.
        lan_pass: lets one of them in.
    """

    port: int
    lan_address: str | None = None
    lan_pass: Pass = field(default_factory=Pass)

    def hosts(self, client: str) -> set[str]:
        """The hosts that a client may name."""
        names = LOOPBACK_NAMES if is_loopback(client) else filter(None, [self.lan_address])
        port = "" if self.port == 80 else f":{self.port}"  # which browsers leave out
        return {f"{name}{port}" for name in names}

    def check(self, client: str, method: str, headers) -> None:
        """Raises NotAnswered if a request comes from somewhere else.

        Args:
            client: the address that it comes from.
            method: such as "GET".
            headers: the request's.
        """
        hosts = self.hosts(client)
        if headers.get_all("Host", []) not in [[host] for host in hosts]:
            raise NotAnswered(403, "expected the address that draw.py has printed, got another host")
        origin = headers.get("Origin")
        if origin is None and method in CHANGING:
            raise NotAnswered(
                403, "expected a request of this page, got one that does not say where it comes from"
            )
        from_here = origin is None or origin in {f"http://{host}" for host in hosts}
        # Browsers send Sec-Fetch-Site for embedded pictures and scripts, too. For a typed address it is "none".
        if not from_here or (
            headers.get("Sec-Fetch-Site", "none") not in FROM_HERE and not is_opened(headers)
        ):
            raise NotAnswered(403, "expected a request of this page, got one of another page")

    def lets_in(self, client: str, cookie_header: str) -> bool:
        """Whether a client needs no token any more."""
        return is_loopback(client) or self.lan_pass.knows(cookie_header)


def is_opened(headers) -> bool:
    """Whether a person opens the page itself, perhaps by a link of another page."""
    return headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"


def is_loopback(client: str) -> bool:
    """Whether a client runs on this machine."""
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False
