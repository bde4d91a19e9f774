"""The command `kip`: joins the commands that build a release with those that serve one.

Stands above both packages, so that neither knows the other. Only the half that is asked for is imported: building needs
no web framework, and serving no RDF libraries but the store's. The list of all commands needs both.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence

from graph_builder.errors import KnowledgeGraphError

__all__ = ["SERVING", "main"]

SERVING = ("serve", "load")
"""The commands of the serving half; every other one builds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 1 = the data or the machine is at fault, 2 = wrong use, 130 = interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    called = _parser(given).parse_args(given)
    try:
        status: int = called.handler(called)
        sys.stdout.flush()
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
    """A parser that knows the half that the first argument belongs to, or both halves where it is no command."""
    parser = argparse.ArgumentParser(prog="kip", description="Korean industrial policy as linked data.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    serving = bool(given) and given[0] in SERVING
    if not serving:
        import graph_builder.cli

        graph_builder.cli.add_commands(commands)
    if serving or not given or given[0] not in commands.choices:
        import api.cli

        api.cli.add_commands(commands)
    return parser


def _fail(message: str) -> int:
    print(f"kip: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
