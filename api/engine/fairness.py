"""Who may use the engine now: an account for each client, and a queue in which nobody's crowd keeps others waiting.

An account is a token bucket whose cost is known afterwards: it may be overdrawn by what was under way, and refuses
until it is even again. The queue has one line for each client and takes from the lines in turn. Time is passed in.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

__all__ = ["Account", "Accounts", "FairQueue", "Policy", "client_of"]

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Policy:
    """What one client may use of something: `quota` at once, as much again in each `window` seconds; 0 is no bound."""

    name: str
    quota: float
    window: float
    unit: str
    setting: str


@dataclass(slots=True)
class Account:
    """What is left to a client of one policy at a time."""

    policy: Policy
    left: float
    at: float

    def now(self, time: float) -> float:
        """What is left now; below 0 where more was used than there was."""
        earned = max(0.0, time - self.at) * self.policy.quota / self.policy.window
        return min(self.policy.quota, self.left + earned)

    def spend(self, amount: float, time: float) -> None:
        """Take an amount, whether it is there or not."""
        self.left, self.at = self.now(time) - amount, max(self.at, time)

    def wait(self, time: float) -> float:
        """Seconds until something is left; 0 where it is."""
        left = self.now(time)
        # One unit more than nothing, or a client who waited would be sent away again at once.
        needed = min(1.0, self.policy.quota / 2)
        return 0.0 if left > 0 else (needed - left) * self.policy.window / self.policy.quota


class Accounts:
    """The accounts of all clients, of which `most` are kept: those that were not used for longest are full again."""

    def __init__(self, policies: tuple[Policy, ...], clock: Callable[[], float], most: int = 8192) -> None:
        self._policies = {policy.name: policy for policy in policies if policy.quota > 0}
        self._clock = clock
        self._most = most
        self._accounts: OrderedDict[str, dict[str, Account]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._accounts)

    def spend(self, client: str, **amounts: float) -> None:
        """Charge a client for what it used, by the names of the policies."""
        charged = {name: amount for name, amount in amounts.items() if amount > 0 and name in self._policies}
        if not charged:
            return
        now = self._clock()
        accounts = self._accounts.setdefault(client, {})
        self._accounts.move_to_end(client)
        for name, amount in charged.items():
            policy = self._policies[name]
            accounts.setdefault(name, Account(policy, policy.quota, now)).spend(amount, now)
        while len(self._accounts) > self._most:
            self._accounts.popitem(last=False)

    def refusal(self, client: str) -> tuple[Policy, float] | None:
        """The policy whose account is overdrawn, and the seconds to wait; None where the client may go on."""
        found = self._accounts.get(client)
        if found is None:
            return None
        now = self._clock()
        waits = [(each.wait(now), each.policy) for each in found.values()]
        wait, policy = max(waits, key=lambda pair: pair[0])
        return (policy, wait) if wait > 0 else None

    def standing(self, client: str) -> list[tuple[Policy, float]]:
        """What is left to a client that has used anything, by policy."""
        found = self._accounts.get(client)
        if found is None:
            return []
        now = self._clock()
        return [(each.policy, each.now(now)) for each in found.values()]


class FairQueue(Generic[_Item]):
    """Up to `capacity` items that wait; where there is no room, who has most of them gives way."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._lines: OrderedDict[str, deque[_Item]] = OrderedDict()

    def __len__(self) -> int:
        return self._size

    def join(self, client: str, item: _Item) -> _Item | None:
        """Put an item at the end of its client's line; the result is the item that has no place, perhaps this one."""
        if self._capacity == 0:
            return item
        self._lines.setdefault(client, deque()).append(item)
        self._size += 1
        if self._size <= self._capacity:
            return None
        # Of the longest lines the latest that came, so that a newcomer pays for its own crowd first.
        longest = max(reversed(self._lines), key=lambda name: (len(self._lines[name]), name == client))
        return self._end(longest)

    def take(self) -> _Item | None:
        """The first item of the line whose turn it is; None where nobody waits."""
        if not self._lines:
            return None
        client, line = self._lines.popitem(last=False)
        item = line.popleft()
        self._size -= 1
        if line:
            self._lines[client] = line
        return item

    def leave(self, client: str, item: _Item) -> bool:
        """Take an item out of its line; False where it is not there any more."""
        line = self._lines.get(client)
        if line is None or item not in line:
            return False
        line.remove(item)
        self._size -= 1
        if not line:
            del self._lines[client]
        return True

    def _end(self, client: str) -> _Item:
        line = self._lines[client]
        item = line.pop()
        self._size -= 1
        if not line:
            del self._lines[client]
        return item


@lru_cache(maxsize=4096)
def client_of(address: str) -> str:
    """The client that an address stands for: of IPv6 the network of 64 bits, which is the least that one customer gets.

    >>> client_of("2001:db8::7"), client_of("192.0.2.7"), client_of("::ffff:192.0.2.7")
    ('2001:db8::/64', '192.0.2.7', '192.0.2.7')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), 64), strict=False))
