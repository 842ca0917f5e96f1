"""How long each order of the review queue holds the window: one line an order and a filter, milliseconds of work.

python tests/bench/review_orders.py [PAPERS PASSAGES PAIRS]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.core.store import Project, create_project
from embtrainer_gui.core.store.review_figures import by_paper, groups
from embtrainer_gui.core.store.review_order import Order
from embtrainer_gui.core.store.review_queue import PairFilter, ReviewQueue

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
FILTERS = (PairFilter(), PairFilter(document=3), PairFilter(kind=QuestionKind.CAUSE), PairFilter(text="things 77"))


def fill(project: Project, papers: int, passages: int, pairs: int) -> None:
    """``passages`` a paper, ``pairs`` in all, spread over them."""
    with project.database.transaction() as connection:
        connection.execute(
            f"{NUMBERS} INSERT INTO sources (id, hash, file_name, state, added_at)"
            " SELECT i + 1, i, i || '.pdf', 'done', '' FROM n",
            (papers - 1,),
        )
        connection.execute(
            "INSERT INTO documents (id, source_id, title, pages, sketch, group_id)"
            " SELECT id, id, 'Title', 9, x'', id FROM sources"
        )
        connection.execute(
            f"{NUMBERS} INSERT INTO passages (id, key, document_id, number, kind, section, page, text, boxes, tokens)"
            " SELECT i + 1, i, i / ?2 + 1, i % ?2, 'body', '', 1, 'Some text of a passage ' || i, '[]', 20 FROM n",
            (papers * passages - 1, passages),
        )
        kinds = " ".join(f"WHEN {number} THEN '{kind}'" for number, kind in enumerate(QuestionKind))
        connection.execute(
            f"{NUMBERS} INSERT INTO pairs (uid, passage_id, question, answer, kind, source, state, reasons, checked,"
            f" created_at, run_id, extra, severity) SELECT i, (i * 7919) % ?2 + 1, 'How many are things ' || i, 'many',"
            f" CASE i % {len(QuestionKind)} {kinds} END, 'bench', 'pending', '[]', 1, '', '', '{{}}', i % 3 FROM n",
            (pairs - 1, papers * passages),
        )


def measure(project: Project, shown: PairFilter) -> tuple[int, float, float, float]:
    """``(pairs, first slice, longest slice, all)``."""
    queue, slices = ReviewQueue(project.database, shown), []
    while not queue.is_complete:
        started = time.process_time()
        queue.load(0)
        slices.append(1000 * (time.process_time() - started))
    return len(queue), slices[0], max(slices), sum(slices)


def main() -> None:
    papers, passages, pairs = (int(number) for number in sys.argv[1:4] or (1000, 100, 1_000_000))
    with TemporaryDirectory(prefix="review-orders-") as scratch, create_project(Path(scratch) / "project") as project:
        fill(project, papers, passages, pairs)
        for order in Order:
            for shown in FILTERS:
                wanted = PairFilter(document=shown.document, kind=shown.kind, text=shown.text, order=order)
                found, first, longest, whole = measure(project, wanted)
                print(f"{order} {wanted.text} {wanted.kind} {wanted.document}: {found} pairs,", end=" ")
                print(f"first {first:.1f}, longest {longest:.1f}, all {whole:.0f}", flush=True)
        for figures in (by_paper, groups):
            started = time.process_time()
            figures(project.database)
            print(f"{figures.__name__}: {1000 * (time.process_time() - started):.0f}")


if __name__ == "__main__":
    main()
