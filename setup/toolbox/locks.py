"""Locks that vanish with the process that holds them, so that a killed run leaves none behind."""

import contextlib
import fcntl
import os
import sys

from .console import Failure


def _holder(lock_file):
    lock_file.seek(0)
    return lock_file.read().strip() or "another process"


@contextlib.contextmanager
def exclusive(path, what):
    """Hold a lock for the length of the block.

    :param path: the lock's file
    :param what: what the lock protects, for the sentence
    :raise Failure: when another run holds it
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(
                f"Another run is {what} ({_holder(lock_file)}): wait until it has finished, or stop it, and try again."
            ) from None
        lock_file.truncate(0)
        lock_file.write(f"process {os.getpid()}: {' '.join(sys.argv[1:])}")
        lock_file.flush()
        yield


class Users:
    """Counts who uses something, over processes: the last one to leave may put it away."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+", encoding="utf-8")

    def join(self):
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def leave(self):
        """Stop using it; return whether nobody else does (then nobody can join until :meth:`close`)."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._file, fcntl.LOCK_UN)
            return False
        return True

    def close(self):
        self._file.close()
