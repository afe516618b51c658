"""Refuse sockets, for programs that are started with this folder in PYTHONPATH.

FER_ONNX_TEST_SOCKETS says which may be opened ("none" or "loopback"), FER_ONNX_TEST_REFUSED names
the file that gets a line for each that was refused. Python asks audit hooks before it does
anything, and passes the environment on to worker processes.
"""

import os
import socket
import sys

ALLOWED = os.environ["FER_ONNX_TEST_SOCKETS"]
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def refuse_sockets(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.__new__":
        refused = ALLOWED == "none" and arguments[1] != socket.AF_UNIX
    elif event in ("socket.bind", "socket.connect", "socket.sendto"):
        refused = isinstance(arguments[1], tuple) and arguments[1][0] not in LOOPBACK
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        refused = arguments[0] not in LOOPBACK
    else:
        return
    if refused:
        with open(os.environ["FER_ONNX_TEST_REFUSED"], "a") as file:  # noqa: PTH123
            print(event, arguments, file=file)
        raise PermissionError(f"{event}: not in this test")


sys.addaudithook(refuse_sockets)
