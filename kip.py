"""The command `kip`: joins the commands that build a release with those that serve one.

Stands above both packages, so that neither knows the other. What serves is imported only when a command of it, or the
list of all commands, is asked for: building needs no web framework.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence

import graph_builder.cli
from graph_builder.errors import KnowledgeGraphError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 1 = the data or the machine is at fault, 2 = wrong use, 130 = interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    called = _parser(given).parse_args(given)
    try:
        status: int = called.handler(called)
    except KnowledgeGraphError as error:
        return _fail(str(error))
    except BrokenPipeError:
        # The reader of the output has gone (kip query ... | head); nothing more can be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _fail(
            f"The disk is full: {error.filename or 'nothing more'} could not be written. Free some room and try again."
        )
    except KeyboardInterrupt:
        return 130
    return status


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """A parser that knows the building commands, and the serving ones unless a building one is called."""
    parser = argparse.ArgumentParser(prog="kip", description="Korean industrial policy as linked data.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    graph_builder.cli.add_commands(commands)
    if not given or given[0] not in commands.choices:
        import api.cli

        api.cli.add_commands(commands)
    return parser


def _fail(message: str) -> int:
    print(f"kip: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
