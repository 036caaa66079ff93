"""The way to the page: the resolver says where a name lies, and whoever asks connects there.

Socks is a SOCKS5 proxy (RFC 1928) on loopback that a browser is given: it hands over the name, Socks
asks the resolver, as the browser's machine would, and connects to what comes back.
"""

import contextlib
import socket
import socketserver
import struct
import threading

from lab import ADDRESS, NoAnswer


class Socks(socketserver.ThreadingTCPServer):
    """resolver: .query(name) of the lab. ports: {80: nginx's}; every other port is closed.
    asked: each (name, port) that somebody wanted, in order."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, resolver, ports):
        super().__init__((ADDRESS, 0), Connection)
        self.resolver = resolver
        self.ports = ports
        self.asked = []
        self.port = self.server_address[1]
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join(10)
        self.server_close()

    def connect(self, name, port):
        """A connection to the name as the resolver knows it, or None."""
        self.asked.append((name, port))
        if port not in self.ports:
            return None
        try:
            addresses = self.resolver.query(name).data("A")
            return socket.create_connection((addresses[0], self.ports[port]), timeout=20)
        except (NoAnswer, IndexError, OSError):
            return None


class Connection(socketserver.BaseRequestHandler):
    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.request.recv(count - len(data))
            if not more:
                raise ConnectionError("the browser left")
            data += more
        return data

    def handle(self):
        with contextlib.suppress(OSError):
            _, methods = self.exactly(2)
            self.exactly(methods)
            self.request.sendall(b"\x05\x00")
            _, command, _, kind = self.exactly(4)
            name = {1: lambda: socket.inet_ntoa(self.exactly(4)),
                    3: lambda: self.exactly(self.exactly(1)[0]).decode("ascii", "replace")}.get(kind, str)()
            port = struct.unpack("!H", self.exactly(2))[0] if kind in (1, 3) else 0
            upstream = self.server.connect(name, port) if command == 1 else None
            # 0: done; 5: refused
            self.request.sendall(b"\x05" + (b"\x00" if upstream else b"\x05") + b"\x00\x01" + bytes(6))
            if upstream:
                with upstream:
                    back = threading.Thread(target=pump, args=(upstream, self.request), daemon=True)
                    back.start()
                    pump(self.request, upstream)
                    back.join()


def pump(source, sink):
    """Copies until the source ends, and ends the sink's reading side."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for one in (source, sink):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_WR if one is sink else socket.SHUT_RD)
