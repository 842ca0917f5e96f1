"""The course of a review: the queue, the pair at hand, the decisions, and what is left. No widget in here."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from embtrainer_gui.core.records import PairState, QuestionKind
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.decisions import Act, Batch, DecisionStore, Texts, Why
from embtrainer_gui.core.store.documents import ROWS_PER_TRANSACTION
from embtrainer_gui.core.store.review_queue import PairFilter, QueueRow, ReviewQueue, read_rows
from embtrainer_gui.gui.models.bulk_run import Bulk, BulkRun
from embtrainer_gui.gui.models.pairs_table import PairsTable

if TYPE_CHECKING:
    from embtrainer_gui.gui.session import Session

OPEN_SECONDS = 0.005  # reading before the first pair is shown
SLICE_SECONDS = 0.005  # reading between two events
FIRST_PAINT_MS = 20  # the first pair is painted before the reading goes on
TELL_MS = 400  # others hear of decisions when the hand rests
PACE_SECONDS = 300.0
PACE_PAUSE = 60.0  # a longer pause is no reviewing
PACE_FEWEST = 5


class ReviewFlow(QObject):
    """Signals: ``pair_changed`` (another pair or another content of it), ``queue_changed`` (its length or its rows),
    ``journal_changed`` (decisions and counts), ``bulk_ended(Bulk, changed)`` when the lists are up to date after it,
    ``wrapped`` (back at the pairs that were put off)."""

    pair_changed = Signal()
    queue_changed = Signal()
    journal_changed = Signal()
    bulk_ended = Signal(object, int)
    wrapped = Signal()

    decisions: DecisionStore

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.table = PairsTable(self)
        self.queue: ReviewQueue | None = None
        self.row: int | None = None  # None: the pair at hand is not in the queue
        self.current: QueueRow | None = None
        self.counts: dict[str, int] = {}
        self._project: Project | None = None
        self._version = 0
        self._decided: set[int] = set()  # since the queue was made
        self._stamps: deque[float] = deque(maxlen=200)
        self._untold = False
        self._last_row = -1
        self._is_stale = False
        self.bulk = BulkRun(self)
        self.bulk.ended.connect(self._on_bulk_ended)
        self._loader = QTimer(self, interval=0)
        self._loader.timeout.connect(self._on_loader_timeout)
        self._teller = QTimer(self, interval=TELL_MS, singleShot=True)
        self._teller.timeout.connect(self.tell)

    @property
    def is_busy(self) -> bool:
        """Whether a bulk act is running; single decisions wait until it ends."""
        return self.bulk.is_running

    def is_current(self) -> bool:
        """Whether the queue still shows the open project, and nobody else wrote to that."""
        project = self._session.project
        return (
            not self._is_stale
            and self._project is project
            and self._version == project.database.one("PRAGMA data_version")
        )

    def open(self, shown: PairFilter, pair_id: int | None = None) -> None:
        """Make the queue for a filter and go to a pair, or to the first one."""
        project = self._session.project
        if self._project is not project:
            self._project, self.decisions = project, DecisionStore(project.database)
            self._stamps.clear()
        self._version = project.database.one("PRAGMA data_version")
        self._is_stale = False
        self._decided.clear()
        self.queue = ReviewQueue(project.database, shown)
        self.queue.load(OPEN_SECONDS)
        self.counts = project.pairs.counts()
        self.table.set_source(self.queue.rows, len(self.queue))
        if not self.queue.is_complete:
            self._loader.start(FIRST_PAINT_MS)
        row = self.queue.position(pair_id) if pair_id is not None else None
        if row is None and pair_id is not None and not self.queue.is_complete:
            self._show_outside(pair_id)
        else:
            self._take(row or 0)
        self.queue_changed.emit()
        self.journal_changed.emit()

    def reopen(self) -> None:
        """Make the queue again, staying at the pair at hand where that is still in it."""
        self.open(self.queue.filter if self.queue else PairFilter(), self.current.pair.id if self.current else None)

    def set_stale(self) -> None:
        """Something changed by hand that decides which pairs are shown."""
        self._is_stale = True

    def abandon(self) -> None:
        """Leave the project, which is closed now."""
        self.bulk.abandon()
        self._loader.stop()
        self._teller.stop()
        self._untold = False
        self.queue = self.current = self.row = None
        self.table.set_source(lambda start, count: (), 0)

    def go(self, row: int) -> None:
        if self.queue and row < len(self.queue) and row != self.row:
            self._take(max(0, row))

    def step(self, by: int) -> None:
        if self.queue and len(self.queue):
            self.go(min(max(0, (self.row or 0) + by), len(self.queue) - 1))

    def go_to_end(self) -> None:
        if self.queue:
            self.queue.finish()
            self._grow()
            self.go(len(self.queue) - 1)

    def show_pair(self, pair_id: int) -> None:
        """Go to a pair by its number; one that the filter leaves out is shown without a place."""
        row = self.queue.position(pair_id) if self.queue else None
        if row is None:
            self._show_outside(pair_id)
        else:
            self._take(row)

    def upcoming(self, before: int = 1, after: int = 3) -> list[QueueRow]:
        """The neighbours of the pair at hand, next ones first."""
        place = self.row if self.row is not None else -1
        numbers = [*range(place + 1, place + 1 + after), *range(place - 1, place - 1 - before, -1)]
        return [row for row in map(self.table.row, numbers) if row is not None]

    def decide(self, state: PairState, act: Act) -> Batch | None:
        """Store a decision on the pair at hand, then go to the next one."""
        if self.current is None or self.is_busy:
            return None
        batch = self.decisions.decide(self.current.pair.id, state, act, utc_now())
        self._after_decision(self.current.pair.id, batch)
        return batch

    def later(self) -> None:
        if self.current is None or self.is_busy:
            return
        self.decisions.later(self.current.pair.id, utc_now())
        self._advance()
        self.journal_changed.emit()

    def edit(self, pair_id: int, texts: Texts) -> None:
        """Store new texts and accept the pair, then go to the next one."""
        self._after_decision(pair_id, self.decisions.edit(pair_id, texts, utc_now()))

    def add(self, passage_id: int, texts: Texts) -> int:
        """Store a pair made by hand; the pair at hand stays.

        Raises:
            UserError: a text is empty, or the answer does not stand in the passage.
        """
        project = self._session.project
        pair_id = project.pairs.add_by_hand(passage_id, texts.question, texts.answer, QuestionKind.UNKNOWN, utc_now())
        self.counts[PairState.ACCEPTED] += 1
        self._told()
        return pair_id

    def say_why(self, batch: Batch, why: Why) -> None:
        self.decisions.say_why(batch.number, why)
        self.journal_changed.emit()

    def undo(self) -> Batch | None:
        """Take the last act back and show its pair; a bulk act is taken back step by step."""
        batch = None if self.is_busy else self.decisions.next_undo()
        if batch is None:
            return None
        if batch.count > ROWS_PER_TRANSACTION:
            steps = ((done, done) for done in self.decisions.undo_steps(batch))
            self.bulk.start(Bulk(batch, batch.before, batch.act, batch.count), steps)
        else:
            self.decisions.undo()
            self._after_turn(batch, batch.after, batch.before)
        return batch

    def redo(self) -> Batch | None:
        """Make the act again that was undone last."""
        batch = None if self.is_busy else self.decisions.next_redo()
        if batch is None:
            return None
        if batch.count > ROWS_PER_TRANSACTION:
            steps = ((done, done) for done in self.decisions.redo_steps(batch))
            self.bulk.start(Bulk(batch, batch.after, batch.act, batch.count), steps)
        else:
            self.decisions.redo()
            self._after_turn(batch, batch.before, batch.after)
        return batch

    def shown_ids(self) -> list[int]:
        """The pairs of the queue that were not decided since it was made."""
        return [pair_id for pair_id in self.queue.ids if pair_id not in self._decided] if self.queue else []

    def shown_count(self) -> int:
        return len(self.queue) - len(self._decided) if self.queue else 0

    def start_bulk(self, ids: Sequence[int], state: PairState, act: Act) -> None:
        """Give many pairs a state, as one act that can be undone."""
        if ids and not self.is_busy:
            self.bulk.start(Bulk(None, state, act, len(ids)), self.decisions.bulk(ids, state, act, utc_now()))

    def pace(self) -> float | None:
        """Decisions a minute over the last minutes, pauses left out; None while there are too few."""
        stamps = [stamp for stamp in self._stamps if time.monotonic() - stamp < PACE_SECONDS]
        gaps = [b - a for a, b in zip(stamps, stamps[1:], strict=False) if b - a < PACE_PAUSE]
        if len(gaps) < PACE_FEWEST or not sum(gaps):
            return None
        return 60 * len(gaps) / sum(gaps)

    def tell(self) -> None:
        """Let the others know of the decisions made, now."""
        self._teller.stop()
        if self._untold:
            self._untold = False
            self._session.table_changed.emit("pairs")

    def _told(self) -> None:
        self._untold = True
        self._teller.start()
        self.journal_changed.emit()

    def _take(self, row: int) -> None:
        self.current = self.table.row(row)
        self.row = row if self.current else None
        self.pair_changed.emit()

    def _show_outside(self, pair_id: int) -> None:
        rows = read_rows(self._session.project.database, [pair_id])
        self.row, self.current = None, rows[0] if rows else None
        self.pair_changed.emit()

    def _after_decision(self, pair_id: int, batch: Batch | None) -> None:
        if batch:
            self._count(batch.before, batch.after)
            self._note(pair_id, batch.after)
            self._stamps.append(time.monotonic())
        if self.current and self.current.pair.id == pair_id:
            self._advance()
        if batch:
            self._told()

    def _after_turn(self, batch: Batch, before: PairState, after: PairState) -> None:
        if batch.count > 1:
            self.reopen()
        elif batch.act != Act.LATER:
            self._count(before, after)
            self._note(batch.pair_id, after)
        self.show_pair(batch.pair_id)
        self._told()

    def _note(self, pair_id: int, state: PairState) -> None:
        """The row of the pair shows its new state; the way forward leaves it out once it is decided."""
        if self.queue is None:
            return
        self.queue.moved(pair_id)
        here = self.row if self.current and self.current.pair.id == pair_id else None
        row = here if here is not None else self.queue.position(pair_id)
        if row is None:
            return
        if state is PairState.PENDING:
            self._decided.discard(pair_id)
        else:
            self._decided.add(pair_id)
        self.table.refresh(row)

    def _count(self, before: PairState, after: PairState) -> None:
        self.counts[before] -= 1
        self.counts[after] += 1

    def _advance(self) -> None:
        """The next pair of the queue that was not decided since it was made; then those that were put off."""
        if self.queue is None:
            return
        place = self.row if self.row is not None else self._last_row
        following = self._undecided(range(place + 1, len(self.queue)))
        if following is None:
            following = self._undecided(range(place))
            if following is not None:
                self.wrapped.emit()
        if following is None and self.row is not None and self._is_undecided(self.row):
            following = self.row  # the only one left, put off again
        if following is None:
            self.row = self.current = None
            self.pair_changed.emit()
        else:
            self._last_row = following
            self._take(following)

    def _undecided(self, rows: range) -> int | None:
        return next((row for row in rows if self._is_undecided(row)), None)

    def _is_undecided(self, row: int) -> bool:
        assert self.queue is not None
        return self.queue.ids[row] not in self._decided

    def _grow(self) -> None:
        if self.queue is None:
            return
        known = self.table.rowCount()
        self.table.grow_to(len(self.queue))
        if self.current is None and len(self.queue) and not known:
            self._take(0)
        elif self.current is not None and self.row is None and len(self.queue) > known:
            row = self.queue.position(self.current.pair.id)
            if row is not None:
                self._take(row)
        self.queue_changed.emit()

    def _on_loader_timeout(self) -> None:
        if self.queue is None or not self._session.is_open or self._session.project is not self._project:
            self._loader.stop()
            return
        self._loader.setInterval(0)
        self.queue.load(SLICE_SECONDS)
        if self.queue.is_complete:
            self._loader.stop()
        self._grow()

    def _on_bulk_ended(self, bulk: Bulk, changed: int) -> None:
        self.reopen()
        self._told()
        self.bulk_ended.emit(bulk, changed)
