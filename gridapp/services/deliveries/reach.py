"""Where a receiver may stand: on the public network by https, or in a private network that the operator has named.

A name is looked up once, every address that it has is checked, and the connection is made to one of those very
addresses, so that a name cannot turn to a machine inside after it was checked.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from gridapp.config import Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = {"https": 443, "http": 80}
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreachable(Exception):
    """The address may not be reached, or cannot; the text says why, in English and Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        self.words = (en, zh)
        super().__init__(en)


@dataclass(frozen=True)
class Target:
    """Where to connect: one checked address, and what the receiver calls itself."""

    secure: bool
    host: str
    address: str
    port: int
    path: str

    @property
    def name(self) -> str:
        """The ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def split(url: str) -> tuple[bool, str, int, str]:
    """Whether it is https, host, port and path of a URL.

    Raises:
        Unreachable: it is no address of a receiver.
    """
    wrong = Unreachable("Write an address like https://host/path.", "请填写形如 https://主机/路径 的地址。")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in PORTS or not parts.hostname or parts.username or parts.password or parts.fragment:
        raise wrong
    if not url.isascii() or any(letter.isspace() for letter in url):
        raise wrong
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme == "https", parts.hostname, port or PORTS[parts.scheme], path


def look_up(settings: Settings, url: str) -> Target:
    """The address to connect to.

    Raises:
        Unreachable: the name is not known, or an address of it is one where a receiver may not stand.
    """
    secure, host, port, path = split(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host} is not known: {error}", f"无法解析 {host}：{error}") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        check(settings, address, secure=secure)
    return Target(secure, host, str(addresses[0]), port, path)


def check(settings: Settings, address: Address, *, secure: bool) -> None:
    """Refuse an address where a receiver may not stand.

    Raises:
        Unreachable: it is private and not in a network of the settings, or public and without https.
    """
    plain = _meant(address)
    if any(plain in network for network in settings.webhook_networks):
        return
    if not plain.is_global or plain.is_multicast:
        raise Unreachable(
            f"{plain} is in a private network: the operator has to name it in GRIDAPP_WEBHOOK_NETWORKS",
            f"{plain} 属于内部网络：须由运维人员在 GRIDAPP_WEBHOOK_NETWORKS 中列出",
        )
    if not secure:
        raise Unreachable("outside of the networks named, only https", "所列网络之外只能使用 https")


def _meant(address: Address) -> Address:
    """The IPv4 address that one of IPv6 leads to, where it is a way around to one."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
