"""`python -m tests.hostile [RELEASE]`: the table of hostile inputs, in Markdown, measured over a release."""

from __future__ import annotations

import sys
from pathlib import Path

from graph_builder.project import CHECKOUT
from tests.hostile.inputs import INPUTS
from tests.hostile.trial import Result, trial

_SECONDS = 2.0


def _row(name: str, right: bool, result: Result) -> str:
    statuses = ", ".join(
        f"{status} ×{count}" if count > 1 else str(status) for status, count in result.statuses.items()
    )
    health = result.health
    figures = (f"{result.seconds:.2f}", f"{health.memory / 2**20:.0f}", f"{health.p99 * 1000:.0f}")
    return " | ".join((f"| {name}", f"{statuses}{'' if right else ' WRONG'}", *figures)) + " |"


def main(release: Path) -> int:
    """Print the table; 1 where a status was wrong or the listener heard something."""
    wrong = 0
    print("| input | statuses | seconds | memory, MiB | health p99, ms |\n| --- | --- | ---: | ---: | ---: |")
    with trial(release) as tried:
        for each in INPUTS:
            result = tried.of(each, _SECONDS)
            right = result.statuses.keys() <= each.right
            wrong += not right
            print(_row(each.name, right, result), flush=True)
        print(f"\nConnections to the listener: {len(tried.heard)}")
        return 1 if wrong or tried.heard else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else CHECKOUT.build / "current"))
