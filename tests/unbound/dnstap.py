"""A listener for dnstap: Frame Streams on a Unix socket (the handshake of both ways), and of each message
what the tests ask. https://dnstap.info, https://farsightsec.github.io/fstrm/
"""

import contextlib
import os
import socket
import struct
import threading

import dns.message

ACCEPT, START, STOP, READY, FINISH = 1, 2, 3, 4, 5
CONTENT = b"protobuf:dnstap.Dnstap"
TYPES = {3: "RESOLVER_QUERY", 4: "RESOLVER_RESPONSE", 5: "CLIENT_QUERY", 6: "CLIENT_RESPONSE"}


def fields(data):
    """(number, value) of a protobuf message: varints and fixed numbers as int, the rest as bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            octet = data[at]
            at += 1
            value |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                return value

    while at < len(data):
        tag = varint()
        kind = tag & 7
        if kind == 0:
            yield tag >> 3, varint()
            continue
        size = {1: 8, 2: None, 5: 4}[kind]
        if size is None:
            size = varint()
        value = data[at:at + size]
        if len(value) != size:
            raise ValueError("a field is cut short")
        at += size
        yield tag >> 3, value if kind == 2 else int.from_bytes(value, "little")


class Message:
    """One dnstap message. kind: "CLIENT_QUERY"; dns: what was asked or answered."""

    def __init__(self, frame):
        outer = dict(fields(frame))
        if outer[15] != 1:
            raise ValueError("no message")
        inner = dict(fields(outer[14]))
        self.kind = TYPES.get(inner[1], inner[1])
        self.tcp = inner[3] != 1
        self.identity = outer.get(1)
        self.dns = dns.message.from_wire(inner[14] if 14 in inner else inner[10], ignore_trailing=True)


class Listener:
    """Takes what Unbound sends to path, until close(). messages: so far, from whichever thread."""

    def __init__(self, path):
        if len(os.fsencode(path)) > 100:
            raise ValueError(f"too long for a socket: {path}")
        self.messages = []
        self.faults = []
        self.finished = 0  # connections that ended as they should
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(os.fspath(path))
        self.server.listen(4)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                try:
                    self.converse(connection, stream)
                    self.finished += 1
                except (ValueError, KeyError, OSError, EOFError) as error:
                    self.faults.append(repr(error))

    @staticmethod
    def take(stream, size):
        data = stream.read(size)
        if len(data) != size:
            raise EOFError(f"{len(data)} octets of {size}")
        return data

    def control(self, stream):
        [size] = struct.unpack("!I", self.take(stream, 4))
        frame = self.take(stream, size)
        return struct.unpack("!I", frame[:4])[0], frame[4:]

    def expect(self, stream, kind):
        if self.take(stream, 4) != b"\0\0\0\0":
            raise ValueError("no control frame")
        found, rest = self.control(stream)
        if found != kind or (kind != FINISH and CONTENT not in rest):
            raise ValueError(f"control frame {found}, not {kind}: {rest}")

    def converse(self, connection, stream):
        self.expect(stream, READY)
        field = struct.pack("!II", 1, len(CONTENT)) + CONTENT
        connection.sendall(struct.pack("!III", 0, 4 + len(field), ACCEPT) + field)
        self.expect(stream, START)
        while True:
            [size] = struct.unpack("!I", self.take(stream, 4))
            if size > 0:
                self.messages.append(Message(self.take(stream, size)))
                continue
            kind, _ = self.control(stream)
            if kind != STOP:
                raise ValueError(f"control frame {kind} among data")
            with contextlib.suppress(OSError):  # who ends may not wait for it
                connection.sendall(struct.pack("!III", 0, 4, FINISH))
            return

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(30)
