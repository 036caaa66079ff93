"""Asks a resolver many questions a second over UDP and remembers when each was asked, when it was
answered, and how: so that each answer can be held against the snapshots that were active between."""

import collections
import random
import selectors
import socket
import struct
import threading
import time

import dns.message

ADDRESS = "127.0.0.1"

Exchange = collections.namedtuple("Exchange", "name asked answered rcode addresses")  # answered None: lost


class Questioner:
    """Runs in a thread from start() to stop(); then .exchanges holds everything. Each pass asks
    every name once, in an order of its own: a fixed one may beat with what happens at the other
    end (165 swaps in six seconds: most names met the same snapshot at each pass)."""

    def __init__(self, port, names, *, rate=1500, patience=8.0, sources=4):
        self.port = port
        self.names = names
        self.rate = rate
        self.patience = patience
        self.wires = [dns.message.make_query(name, "A", use_edns=False).to_wire()[2:] for name in names]
        self.sockets = []
        for _ in range(sources):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            one.connect((ADDRESS, port))
            one.setblocking(False)
            self.sockets.append(one)
        self.waiting = [{} for _ in self.sockets]  # by id: (index of the name, when)
        self.exchanges = []
        self.passes = self.shuffled(random.Random(1))
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def shuffled(self, source):
        order = list(range(len(self.names)))
        while True:
            source.shuffle(order)
            yield from order

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        """Stops asking, waits for what is still to come, and returns all exchanges."""
        self.stopping.set()
        self.thread.join()
        for one in self.sockets:
            one.close()
        return self.exchanges

    def run(self):
        selector = selectors.DefaultSelector()
        for index, one in enumerate(self.sockets):
            selector.register(one, selectors.EVENT_READ, index)
        began, count = time.monotonic(), 0
        while not self.stopping.is_set():
            due = int((time.monotonic() - began) * self.rate)
            for _ in range(min(due - count, 50)):
                self.ask(count)
                count += 1
            if due - count > self.rate // 4:  # this machine was busy elsewhere: no burst to make up for it
                began, count = time.monotonic(), count % len(self.names)
                began -= count / self.rate
            self.receive(selector, 0.002)
        end = time.monotonic() + self.patience
        while any(self.waiting) and time.monotonic() < end:
            self.receive(selector, 0.05)
        for waiting in self.waiting:
            for which, asked in waiting.values():
                self.exchanges.append(Exchange(self.names[which], asked, None, None, None))

    def ask(self, count):
        which = next(self.passes)
        at = count % len(self.sockets)
        number = count // len(self.sockets) % 65536
        if number in self.waiting[at]:
            return  # it waits since 65,536 questions: lost, and counted as that
        self.waiting[at][number] = (which, time.monotonic())
        self.sockets[at].send(struct.pack("!H", number) + self.wires[which])

    def receive(self, selector, patience):
        for key, _ in selector.select(patience):
            try:
                while True:
                    self.take(key.data, self.sockets[key.data].recv(4096), time.monotonic())
            except BlockingIOError:
                pass

    def take(self, at, wire, now):
        number, flags, _, answers = struct.unpack("!HHHH", wire[:8])
        found = self.waiting[at].pop(number, None)
        if found is None:
            raise AssertionError(f"an answer that nobody asked for, or a second one: {wire.hex()}")
        self.exchanges.append(Exchange(self.names[found[0]], found[1], now, flags & 15, answers))
