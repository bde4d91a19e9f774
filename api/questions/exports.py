"""From a sheet to the bytes of one of the answer formats; a library is loaded when its format is first asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from api.questions.tabular import Sheet, csv_of, jsonld_of, sparql_json_of, sparql_xml_of, tsv_of
from api.transport.formats import Format

__all__ = ["export", "write"]

Writer = Callable[[Sheet], bytes]


def _xlsx(sheet: Sheet) -> bytes:
    from api.questions.spreadsheets import xlsx_of

    return xlsx_of(sheet)


def _parquet(sheet: Sheet) -> bytes:
    # half a second to load, which the start of the server must not wait for
    from api.questions.columnar import parquet_of

    return parquet_of(sheet)


_WRITERS: Mapping[str, Writer] = {
    "sparql-json": sparql_json_of,
    "xml": sparql_xml_of,
    "csv": csv_of,
    "tsv": tsv_of,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "jsonld": jsonld_of,
}


# One at a time: a file is written by Python itself, which everybody else waits for in turns.
_THREAD = ThreadPoolExecutor(1, "export")


def write(fmt: Format, sheet: Sheet) -> bytes:
    """The sheet in a row of `ANSWERS` other than our own JSON; it may take seconds."""
    return _WRITERS[fmt.name](sheet)


async def export(fmt: Format, sheet: Sheet) -> bytes:
    """The same, written beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, write, fmt, sheet)
