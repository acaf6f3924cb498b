"""What the PostgreSQL probe takes for an answer."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pilothouse.contract import Probe
from pilothouse.services.probes import find_failure

STARTING = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@contextmanager
def server(answer: Callable[[bytes], bytes]) -> Iterator[Probe]:
    """A server that gives its answer to each message, as the probe reaches it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(ConnectionError):
                while message := connection.recv(1024):
                    connection.sendall(answer(message))

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        yield Probe(service="postgres", kind="postgres", address=address)
        thread.join(timeout=10)


def test_a_server_that_asks_for_a_password_answers() -> None:
    authentication = b"R\0\0\0\x17\0\0\0\nSCRAM-SHA-256\0\0"
    with server(lambda sent: b"N" if sent == SSL_REQUEST else authentication) as probe:
        assert find_failure(probe) == ""


def test_another_server_does_not_speak_postgres() -> None:
    with server(lambda _sent: b"HTTP/1.1 400 Bad Request\r\n\r\n") as probe:
        assert "does not speak PostgreSQL" in find_failure(probe)


def test_a_server_that_is_starting_up_does_not_answer_yet() -> None:
    error = b"E" + (len(STARTING) + 4).to_bytes(4, "big") + STARTING
    with server(lambda sent: b"N" if sent == SSL_REQUEST else error) as probe:
        assert find_failure(probe) != ""
