"""A process beside a worker that writes a large table as JSON while the engine still finds its rows.

The engine and the writing of JSON take about as long as each other, and a processor each. The worker sends the engine's
TSV in pieces over a socket; what comes back is a file in memory, which goes on to the server as it is. The process is
sandboxed like its worker, and ends with it.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Literal, cast

import orjson

from api.engine import sandbox
from api.engine.stores.tables import JsonTable, Overflow, Terms, Unwritable

__all__ = ["File", "Relay", "Scribe", "ScribeLost"]

_LENGTH = struct.Struct("=I")
# A table of fewer bytes of TSV is written by the worker itself.
_PIECE = 64 * 1024
_BUFFER = 1024 * 1024
_REPLY = 1024
_HIGHEST = 1 << 16
_LOST = 70

_End = Literal["", "overflow", "unwritable"]


class ScribeLost(Exception):
    """The process has ended, and its worker has to: by a signal, a negative number, or with an exit status."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class File:
    """A table in a file in memory; who has it closes it."""

    descriptor: int
    size: int
    rows: int


class Scribe:
    """The process, as its worker sees it."""

    def __init__(self, channel: socket.socket, process: int) -> None:
        self._channel = channel
        self.process = process
        self._code = 0
        self._said = select.poll()
        self._said.register(channel, select.POLLIN)

    @classmethod
    def start(cls, terms: Terms, memory: int) -> Scribe:
        """Fork the process, which may take so many bytes of memory; before the worker is forbidden to."""
        ours, theirs = socket.socketpair()
        process = os.fork()
        if process == 0:
            try:
                _become_scribe(theirs, terms, memory)
            except MemoryError:
                os.abort()  # as the engine does, so that the server tells the cause
            finally:
                os._exit(_LOST)
        theirs.close()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        return cls(ours, process)

    def close(self) -> None:
        """End the process."""
        self._channel.close()
        if self.process:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
            self.process = 0

    @contextmanager
    def helping(self, table: JsonTable) -> Iterator[Relay]:
        """Take a table over when it grows large; whatever happens, the process is free again after it."""
        relay = Relay(self, table)
        try:
            yield relay
        finally:
            relay.close()

    def send(self, piece: bytes) -> None:
        """One piece; an empty one ends the table. Raises ScribeLost."""
        try:
            self._channel.sendall(_LENGTH.pack(len(piece)) + piece)
        except OSError as error:
            raise self._lost() from error

    def has_ended(self) -> bool:
        """Whether the table had a fault, or the process, before the end was sent."""
        return bool(self._said.poll(0))

    def end(self) -> tuple[_End, int, int, int]:
        """How the table ended, its rows, its size and its descriptor. Raises ScribeLost."""
        try:
            self.send(b"")
            message, descriptors, _, _ = socket.recv_fds(self._channel, _REPLY, 1)
            end, rows, size = orjson.loads(message)
            return end, rows, size, descriptors[0]
        except (OSError, ValueError, IndexError) as error:
            raise self._lost() from error
        except MemoryError as error:
            # Nobody knows where the process is now: its next answer could be that of this table.
            self.close()
            raise ScribeLost(-signal.SIGABRT) from error

    def _lost(self) -> ScribeLost:
        self.close()
        return ScribeLost(self._code)


class Relay:
    """A file that takes TSV: a small table stays with the worker, a larger one goes to the scribe as it grows."""

    def __init__(self, scribe: Scribe, table: JsonTable) -> None:
        self._scribe = scribe
        self._table = table
        self._pieces: list[bytes] = []
        self._room = _PIECE
        self._begun = False

    def write(self, chunk: bytes) -> int:
        """Take some bytes. Raises as JsonTable does, and ScribeLost."""
        self._pieces.append(chunk)
        self._room -= len(chunk)
        if self._room < 0:
            self._pass_on()
            if self._scribe.has_ended():
                self.finish()
        return len(chunk)

    def flush(self) -> None:
        """Nothing: the end comes with `finish`."""

    def finish(self) -> File | None:
        """The table of the scribe; None where it was small, and is whole in the worker's. Raises as JsonTable does."""
        if not self._begun:
            self._table.write(b"".join(self._pieces))
            return None
        self._pass_on()
        end, rows, size, descriptor = self._end()
        if not end:
            return File(descriptor, size, rows)
        os.close(descriptor)
        raise Overflow(rows) if end == "overflow" else Unwritable

    def close(self) -> None:
        """Forget a table that was not finished."""
        if self._begun:
            os.close(self._end()[-1])

    def _pass_on(self) -> None:
        if not self._begun:
            self._scribe.send(orjson.dumps([self._table.variables, self._table.limit]))
            self._begun = True
        if self._pieces:
            self._scribe.send(b"".join(self._pieces))
        self._pieces, self._room = [], _PIECE

    def _end(self) -> tuple[_End, int, int, int]:
        self._begun = False
        return self._scribe.end()


def _become_scribe(channel: socket.socket, terms: Terms, memory: int) -> None:
    """Never returns: whatever happens ends the process, and the worker notices."""
    kept = channel.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, _HIGHEST)
    sandbox.die_with_parent()
    sandbox.limit_memory(memory)
    sandbox.deny_system_calls()
    with cast(BinaryIO, channel.makefile("rb", buffering=_BUFFER)) as file:
        while header := _piece(file):
            pieces = iter(partial(_piece, file), b"")
            descriptor = os.memfd_create("answer")
            ended = _write(JsonTable(terms, *orjson.loads(header)), pieces, descriptor)
            socket.send_fds(channel, [orjson.dumps(ended)], [descriptor])
            os.close(descriptor)
            for _ in pieces:  # what comes after a fault
                pass
    os._exit(0)


def _write(table: JsonTable, pieces: Iterator[bytes], descriptor: int) -> tuple[_End, int, int]:
    """Write a table until it ends, or has a fault."""
    end: _End = ""
    rows = 0
    with open(descriptor, "wb", closefd=False) as file:
        try:
            for piece in pieces:
                table.write(piece)
                file.write(table.ready())
            file.write(table.body())
            rows = table.rows
        except Overflow as overflow:
            end, rows = "overflow", overflow.rows
        except Unwritable:
            end = "unwritable"
    return end, rows, os.fstat(descriptor).st_size


def _piece(file: BinaryIO) -> bytes:
    """The next piece; empty at the end of a table, and where the worker has ended."""
    length = file.read(_LENGTH.size)
    return file.read(_LENGTH.unpack(length)[0]) if len(length) == _LENGTH.size else b""
