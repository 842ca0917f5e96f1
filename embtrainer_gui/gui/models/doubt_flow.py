"""The course through the doubtful passages: which one is at hand, the answers, and what is left. No widget in here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from embtrainer_gui.core.records import Passage, QAPair
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.doubts import Doubt, DoubtAnswer, Turned
from embtrainer_gui.gui.models.review_flow import TELL_MS

if TYPE_CHECKING:
    from embtrainer_gui.gui.session import Session


@dataclass(frozen=True, slots=True)
class DoubtCase:
    """A doubt with all that is shown of it; the titles are those of the papers."""

    doubt: Doubt
    pair: QAPair
    right: Passage
    right_title: str
    passage: Passage
    title: str


class DoubtFlow(QObject):
    """Signal ``changed``: another doubt is at hand, or its answer or the counts are others."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: list[Doubt] = []
        self._titles: dict[int, str] = {}
        self.pair_id: int | None = None  # only its collisions are listed
        self.row: int | None = None  # None: nothing is left, or there never was anything
        self.counts: dict[DoubtAnswer, int] = dict.fromkeys(DoubtAnswer, 0)
        self._teller = QTimer(self, interval=TELL_MS, singleShot=True)
        self._teller.timeout.connect(self.tell)
        self._untold = False

    def __len__(self) -> int:
        return len(self._rows)

    def open(self, pair_id: int | None = None) -> None:
        """List what waits for an answer, the strongest first, and go to the first, or stay where that is in it; of one
        pair, all that it collides with."""
        project = self._session.project
        self.pair_id = pair_id
        at_hand = None if self.row is None else self._rows[self.row].id
        self._rows = project.doubts.all((DoubtAnswer.OPEN,)) if pair_id is None else project.doubts.of_pair(pair_id)
        self._titles = {document.id: document.title for document in project.documents.all()}
        self.counts = project.doubts.counts()
        self.row = next((n for n, doubt in enumerate(self._rows) if doubt.id == at_hand), 0 if self._rows else None)
        self.changed.emit()

    def abandon(self) -> None:
        """Leave the project, which is closed now."""
        self._teller.stop()
        self._untold = False
        self._rows, self.row = [], None
        self.counts = dict.fromkeys(DoubtAnswer, 0)
        self.changed.emit()

    def case(self, by: int = 0) -> DoubtCase | None:
        """The doubt at hand, or the one so many places further; None where there is none."""
        place = None if self.row is None else self.row + by
        if place is None or not 0 <= place < len(self._rows):
            return None
        doubt, project = self._rows[place], self._session.project
        pair = project.pairs.get([doubt.pair_id])[doubt.pair_id]
        passages = project.passages.get([doubt.right_id, doubt.passage_id])
        right, passage = passages[doubt.right_id], passages[doubt.passage_id]
        titles = (self._titles.get(one.document_id, "") for one in (right, passage))
        return DoubtCase(doubt, pair, right, next(titles), passage, next(titles))

    def go(self, row: int) -> None:
        """To a row, or to the nearest one that there is."""
        if self._rows:
            self.row = min(max(0, row), len(self._rows) - 1)
            self.changed.emit()

    def step(self, by: int) -> None:
        self.go((self.row if self.row is not None else len(self._rows)) + by)

    def answer(self, answer: DoubtAnswer) -> None:
        """Store an answer on the doubt at hand, then go to the next one that waits for one."""
        if self.row is None:
            return
        doubt = self._rows[self.row]
        self._session.project.doubts.answer(doubt.id, answer, utc_now())
        self._rows[self.row] = replace(doubt, answer=answer)
        self._advance(self.row)
        self._told()

    def undo(self) -> Turned | None:
        """Take the newest answer back and show its doubt; None where there is none."""
        return self._turn(self._session.project.doubts.undo())

    def redo(self) -> Turned | None:
        """Give the answer again that was taken back last; None where there is none."""
        return self._turn(self._session.project.doubts.redo())

    def turns(self) -> tuple[Turned | None, Turned | None]:
        """What undo and redo would do."""
        if not self._session.is_open:
            return None, None
        doubts = self._session.project.doubts
        return doubts.next_undo(), doubts.next_redo()

    def tell(self) -> None:
        """Let the others know of the answers, now."""
        self._teller.stop()
        if self._untold:
            self._untold = False
            self._session.table_changed.emit("doubts")

    def _advance(self, row: int) -> None:
        order = [*range(row + 1, len(self._rows)), *range(row)]
        self.row = next((other for other in order if self._rows[other].answer is DoubtAnswer.OPEN), None)

    def _turn(self, turned: Turned | None) -> Turned | None:
        """Show a doubt whose answer changed, unless its pair is not accepted any more; one of an earlier list comes
        into this one."""
        if turned is None:
            return None
        doubt = self._session.project.doubts.get(turned.doubt_id)
        if doubt is None:
            self._told()
            return turned
        places = {known.id: number for number, known in enumerate(self._rows)}
        row = places.get(doubt.id)
        if row is None:
            row = self.row or 0
            self._rows.insert(row, doubt)
        self._rows[row], self.row = doubt, row
        self._told()
        return turned

    def _told(self) -> None:
        self.counts = self._session.project.doubts.counts()
        self._untold = True
        self._teller.start()
        self.changed.emit()
