"""A port that nobody has at this moment."""

import socket


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """On loopback, TCP unless told otherwise."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
