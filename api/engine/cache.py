"""Answers that were given already, kept as bytes: a release never changes, so neither does what it answers.

One cache belongs to one executor, and so to one release. Queries that differ from time to time are not kept (NOW, RAND
and the like); what is kept is bounded by its bytes, and what was not asked for longest goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from api.engine.jobs import Job
from api.engine.processes import Reply

__all__ = ["AnswerCache"]

# One answer may take no more than this part of the room.
_SHARE = 8
# What an entry takes beside its texts.
_ENTRY = 1024

Key = tuple[object, ...]


class AnswerCache:
    """The replies to jobs, up to `capacity` bytes; 0 keeps nothing."""

    def __init__(self, capacity: int) -> None:
        self.size = 0
        self._capacity = capacity
        self._kept: OrderedDict[Key, Reply] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, job: Job) -> Reply | None:
        """The reply to the same job, if it was kept."""
        key = _key(job)
        reply = self._kept.get(key)
        if reply is not None:
            self._kept.move_to_end(key)
        return reply

    def keep(self, job: Job, reply: Reply) -> Reply:
        """The reply, to be read as often as needed where it was kept, else once as before."""
        if _weight(job.query, reply) * _SHARE > self._capacity:
            return reply
        kept = Reply(replace(reply.outcome, body=reply.whole()))
        self._forget(_key(job), job)
        self._kept[_key(job)] = kept
        self.size += _weight(job.query, kept)
        while self.size > self._capacity:
            self._drop()
        return kept

    def _forget(self, key: Key, job: Job) -> None:
        before = self._kept.pop(key, None)
        if before is not None:
            self.size -= _weight(job.query, before)

    def _drop(self) -> None:
        key, reply = self._kept.popitem(last=False)
        self.size -= _weight(str(key[0]), reply)


def _key(job: Job) -> Key:
    """All that an answer depends on; the deadline is not among it."""
    graphs = (job.default and tuple(job.default), job.named and tuple(job.named))
    return job.query, job.kind, job.engine, job.rows, job.bytes, job.default is None, job.named is None, *graphs


def _weight(query: str, reply: Reply) -> int:
    return _ENTRY + 4 * len(query) + reply.outcome.size
