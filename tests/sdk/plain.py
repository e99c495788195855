"""Requests signed by hand and answers as bytes, where an SDK would hide them."""

import hashlib
import hmac
import itertools
import os
import socket
from datetime import datetime, timezone
from urllib.parse import quote

from sandbox import KEY_ID, KEY_SECRET

EMPTY = hashlib.sha256(b"").hexdigest()
NONCES = itertools.count()


def encode(text):
    return quote(str(text), safe="-_.~")


def signed(endpoint, action, key_id=KEY_ID, **params):
    """The bytes of a request."""
    query = "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(params.items()))
    headers = {
        "host": endpoint,
        "x-acs-action": action,
        "x-acs-content-sha256": EMPTY,
        "x-acs-date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": f"{os.getpid()}-{next(NONCES)}",
        "x-acs-version": "2017-12-14",
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n{query}\n{lines}\n{names}\n{EMPTY}"
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(KEY_SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    authorization = f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
    return f"POST /?{query} HTTP/1.1\r\n{head}Authorization: {authorization}\r\nContent-Length: 0\r\n\r\n".encode()


class Connection:
    """A kept connection that sends bytes and reads one answer."""

    def __init__(self, endpoint):
        host, port = endpoint.split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def ask(self, request):
        self.socket.sendall(request)
        data = self.rest
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(1 << 18)
        head, _, body = data.partition(b"\r\n\r\n")
        marker = head.index(b"content-length: ") + 16
        length = int(head[marker : head.find(b"\r\n", marker) if b"\r\n" in head[marker:] else None])
        pieces, have = [body], len(body)
        while have < length:
            piece = self.socket.recv(1 << 18)
            pieces.append(piece)
            have += len(piece)
        body = b"".join(pieces)
        self.rest = body[length:]
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{head[:60]} {body[:200]}")
        return body[:length]
