"""What the hash of every row costs: python tests/bench/row_sums_cost.py [ROWS]

Processor seconds, so that the load of the machine counts little: passages of 1 kB and pairs added, every pair's state
changed, and the file looked through with and without the hashes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.integrity import examine

TEXT = "lorem ipsum dolor sit amet " * 40


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def fill(connection: apsw.Connection, rows: int) -> None:
    connection.execute("BEGIN")
    connection.execute("INSERT INTO sources (id, hash, file_name, state, added_at) VALUES (1, 'h', 'f', 'done', '')")
    connection.execute(
        "INSERT INTO documents (id, source_id, title, pages, sketch, group_id) VALUES (1, 1, 't', 1, x'00', 1)"
    )
    connection.executemany(
        "INSERT INTO passages (id, key, document_id, number, kind, section, page, text, boxes, tokens)"
        " VALUES (?, ?, 1, ?, 'body', 's', 1, ?, '[]', 5)",
        ((n, f"k{n}", n, f"{n} {TEXT}") for n in range(1, rows + 1)),
    )
    connection.executemany(
        "INSERT INTO pairs (id, uid, passage_id, question, answer, kind, source, state, reasons, created_at, run_id,"
        " extra) VALUES (?, ?, ?, ?, ?, 'fact', 'b', 'pending', '[]', '2026', 'r', '{}')",
        ((n, f"u{n}", n, f"What is fact {n} of this paper?" * 3, f"fact {n} " * 10) for n in range(1, rows + 1)),
    )
    connection.execute("COMMIT")


def main(rows: int) -> None:
    for summed in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            database = Database(Path(folder) / "project.db")
            connection = database.connection
            if not summed:
                for (name,) in list(connection.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'sum_*'")):
                    connection.execute(f"DROP INDEX {name}")
            added = timed(lambda: fill(connection, rows))  # noqa: B023 - called at once
            changed = timed(lambda: connection.execute("UPDATE pairs SET state = 'accepted'"))  # noqa: B023
            database.close()
            looked = timed(lambda: examine(Path(folder) / "project.db"))  # noqa: B023
            size = (Path(folder) / "project.db").stat().st_size / 1e6
            print(f"{'with' if summed else 'without'} hashes, {rows:,} passages and pairs, {size:.0f} MB:")
            print(f"  added {added:.2f} s, all states changed {changed:.2f} s, looked through {looked:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
