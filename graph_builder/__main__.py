"""`python -m graph_builder`: the building half of the command line."""

from graph_builder.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
