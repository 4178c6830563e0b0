"""A wire between a till and the server that can be cut at a chosen moment."""

import contextlib
import socket
import threading

#: Where a request can break: before it leaves, half-way out, after the server did it, half-way back.
CUTS = ("before", "half_request", "answer", "half_answer")
TIMEOUT_SECONDS = 90


class Wire:
    """Listens on loopback and passes every connection on to the server, except the one that it is told to cut.

    One request a connection, as :class:`faults_server.Till` makes them.

    :param int port: the server's
    """

    def __init__(self, port):
        self.server_port = port
        self.cut = None
        self.cuts_made = []
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def cut_next(self, where):
        """Cut the next request at one of :data:`CUTS`."""
        self.cut = where

    def close(self):
        self.listener.close()

    def _serve(self):
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            where, self.cut = self.cut, None
            threading.Thread(target=self._pass, args=(client, where), daemon=True).start()

    def _pass(self, client, where):
        with contextlib.closing(client), contextlib.suppress(OSError):
            client.settimeout(TIMEOUT_SECONDS)
            if where == "before":
                self.cuts_made.append(where)
                return
            request = _read_message(client)
            with contextlib.closing(socket.create_connection(("127.0.0.1", self.server_port), TIMEOUT_SECONDS)) as server:
                if where == "half_request":
                    server.sendall(request[: len(request) // 2])
                    self.cuts_made.append(where)
                    return
                server.sendall(request)
                answer = _read_message(server)
                if where == "answer":
                    self.cuts_made.append(where)
                    return
                if where == "half_answer":
                    client.sendall(answer[: len(answer) - max(1, len(answer) // 4)])
                    self.cuts_made.append(where)
                    return
                client.sendall(answer)


def _read_message(connection):
    """One HTTP message with its body, as bytes."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _separator, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            break
        body += part
        data += part
    return data
