"""Review: each pair beside its page, one key a decision, everything can be undone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QVBoxLayout, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.pair_maker import SEVERAL
from embtrainer_gui.core.records import PairState, Passage
from embtrainer_gui.core.store.decisions import Act, Batch, Texts
from embtrainer_gui.core.store.review_queue import PairFilter
from embtrainer_gui.core.store.saved_filters import SavedFilters
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.bulk_acts import BulkActs
from embtrainer_gui.gui.feedback import Action, Tone
from embtrainer_gui.gui.hand_made import passage_of
from embtrainer_gui.gui.models.beside import beside
from embtrainer_gui.gui.models.review_flow import ReviewFlow
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.pair_words import batch_words, other_question_words, shortened
from embtrainer_gui.gui.question_again import QuestionAgain
from embtrainer_gui.gui.review_keys import KEY_OF, TYPED_INTO, WHYS, Command, command_of
from embtrainer_gui.gui.widgets.doubt_door import DoubtDoor
from embtrainer_gui.gui.widgets.key_sheet import KeySheet
from embtrainer_gui.gui.widgets.progress_door import ProgressDoor
from embtrainer_gui.gui.widgets.review_board import CARDS, TABLE, ReviewBoard

KEPT = "review"


class ReviewPage(Page):
    step = Step.REVIEW
    title = mark("Review")
    subtitle = mark("Keep the good questions. The doubtful ones come first.")
    icon = "review"
    handles_blocked: ClassVar[bool] = True

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.flow = ReviewFlow(self.session, self)
        self._board = ReviewBoard(self.flow.table, self.jobs)
        self._filter, self._strip, self._desk = self._board.filter, self._board.strip, self._board.desk
        self._source, self._trail = self._board.source, self._board.trail
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._board)
        self._sheet = KeySheet(self)
        self._passage: Passage | None = None
        self._wants_table = self._restored = False
        self._doubts = DoubtDoor(self._board, self.session, self.jobs, self)
        self._progress = ProgressDoor(self._board, self.session, self.flow, self)
        self._again = QuestionAgain(self.session, self.jobs, self)
        self._bulk = BulkActs(self._strip, self.flow, self.session, self.jobs, self.feedback, self._undo)

    def _connect(self) -> None:
        self._board.questions_wanted.connect(lambda: self.go_to.emit(Step.QUESTIONS))
        self._board.training_wanted.connect(lambda: self.go_to.emit(Step.TRAIN))
        self._board.list_wanted.connect(lambda: self._show_list(PairFilter()))
        self._filter.changed.connect(self._on_filter_changed)
        self._filter.table_wanted.connect(self._on_filter_table_wanted)
        self._filter.left.connect(self._take_keys)
        self._filter.doubts_wanted.connect(lambda: self.run_command(Command.DOUBTS))
        self._strip.progress_wanted.connect(lambda: self.run_command(Command.PROGRESS))
        self._filter.saved.wanted.connect(self._show_list)
        self._filter.saved.failed.connect(self.feedback.problem)
        self._desk.command_given.connect(self.run_command)
        self._desk.card.collision_wanted.connect(self._turn_to_doubts)
        self._desk.card.similar_wanted.connect(lambda pair_id: self._show_list(PairFilter.similar_to(pair_id)))
        self._desk.row_chosen.connect(self.flow.go)
        self._desk.row_opened.connect(lambda: self._filter.show_table(False))
        self._desk.edited.connect(self._on_desk_edited)
        self._desk.made.connect(self._on_desk_made)
        self._desk.left.connect(self._on_desk_left)
        self._desk.drafts_changed.connect(lambda: self.session.keep(KEPT, drafts=self._desk.drafts))
        self._trail.batch_clicked.connect(self._on_trail_batch_clicked)
        self._trail.command_given.connect(self.run_command)
        self._doubts.command_given.connect(self.run_command)
        self._progress.command_given.connect(self.run_command)
        self._progress.list_wanted.connect(self._show_list)
        self._again.proposed.connect(self._on_again_proposed)
        self._doubts.said.connect(lambda text: self.feedback.say(text, tone=Tone.INFO))
        self.flow.pair_changed.connect(self._on_flow_pair_changed)
        self.flow.queue_changed.connect(self._show_strip)
        self.flow.journal_changed.connect(self._on_flow_journal_changed)
        self.flow.bulk.moved.connect(lambda done, total: self._desk.card.set_decisions_enabled(False))
        self.flow.bulk_ended.connect(lambda bulk, changed: self._desk.card.set_decisions_enabled(True))
        self.flow.wrapped.connect(lambda: self.feedback.say(self.tr("Back at the pairs that you put off.")))
        self.session.table_changed.connect(self._on_session_table_changed)
        self.session.project_changed.connect(self._on_session_project_changed)
        self._commands: dict[Command, Callable[[], object]] = {
            Command.ACCEPT: lambda: self.flow.decide(PairState.ACCEPTED, Act.ACCEPT),
            Command.REJECT: lambda: self.flow.decide(PairState.REJECTED, Act.REJECT),
            Command.LATER: self.flow.later,
            Command.EDIT: self._edit,
            Command.UNDO: self._undo,
            Command.REDO: self._redo,
            Command.NEXT: lambda: self.flow.step(1),
            Command.PREVIOUS: lambda: self.flow.step(-1),
            Command.FIRST: lambda: self.flow.go(0),
            Command.LAST: self.flow.go_to_end,
            Command.PAGE: lambda: self._source.setVisible(self._source.isHidden()),
            Command.NEW: self._make_by_hand,
            Command.SEARCH: self._filter.start_search,
            Command.KEYS: self._sheet.toggle,
            Command.DOUBTS: self._turn_to_doubts,
            Command.PROGRESS: self._turn_to_progress,
            Command.OTHER: self._ask_again,
            Command.SIMILAR: self._show_similar,
            Command.COPY: self._copy,
            Command.PAGE_NEXT: partial(self._source.turn, 1),
            Command.PAGE_BACK: partial(self._source.turn, -1),
            Command.LARGER: partial(self._source.zoom, 1),
            Command.SMALLER: partial(self._source.zoom, -1),
            Command.FIT: partial(self._source.zoom, 0),
            **{command: partial(self._say_why, command) for command in WHYS},
        }

    def enter(self) -> None:
        if not self._restored:
            self._restore()
        elif not self.flow.is_current() and not self.flow.is_busy:
            self._fill_papers()
            self.flow.reopen()
        self._board.show_pairs(bool(sum(self.flow.counts.values())))
        self._doubts.read()
        self._progress.read()
        if not self._desk.is_editing:
            self._take_keys()

    def leave(self) -> None:
        if not self._restored or not self.session.is_open:
            return
        self.flow.tell()
        self._doubts.flow.tell()
        row = self.flow.current
        self.session.keep(
            KEPT,
            filter=self._filter.value().to_json(),
            pair=row.pair.id if row else None,
            table=self._wants_table,
            source=not self._source.isHidden(),
            sizes=self._board.sizes(),
            drafts=self._desk.drafts,
        )

    def has_unsaved_work(self) -> bool:
        """Half of a bulk act; what is typed is kept as a draft."""
        return self.flow.is_busy

    def run_command(self, command: Command) -> None:
        """Do what a key or a button stands for."""
        self._stop_typing()
        try:
            if self._doubts.is_open and command not in (Command.DOUBTS, Command.KEYS):
                self._doubts.run_command(command)
            elif self._progress.is_open and command not in (Command.PROGRESS, Command.KEYS):
                return  # nothing is decided unseen
            elif command in self._commands:  # else one of doubtful passages
                self._commands[command]()
        except AppError as problem:
            self.feedback.problem(problem)

    def _stop_typing(self) -> None:
        """Another pair is wanted: what was typed stays a draft."""
        if self._desk.is_editing:
            self._desk.close_editor(saved=False)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and self._command(event):
            event.accept()  # no shortcut of the window takes a key of the review
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        focus = self._focus()
        if event.key() == Qt.Key.Key_Escape and self._sheet.isVisible():
            self._sheet.hide()
        elif event.key() == Qt.Key.Key_Escape and (self._doubts.is_open or self._progress.is_open):
            self.run_command(Command.DOUBTS if self._doubts.is_open else Command.PROGRESS)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focus, QAbstractButton):
            focus.click()
        else:
            command = self._command(event)
            if command is None:
                super().keyPressEvent(event)
            else:
                self.run_command(command)

    def _command(self, event: QKeyEvent) -> Command | None:
        """None while text is being typed, or while there is nothing to review."""
        typing = isinstance(self._focus(), TYPED_INTO) or self._desk.is_editing
        return command_of(event) if self._board.has_pairs and not typing else None

    def _focus(self) -> QWidget | None:
        focus = QApplication.focusWidget()
        return focus if focus is not None and self.isAncestorOf(focus) else None

    def _take_keys(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _restore(self) -> None:
        kept = self.session.kept(KEPT)
        self._restored = True
        self._desk.drafts = dict(kept.get("drafts", {}))
        self._fill_papers()
        self._filter.saved.show_filters(SavedFilters(self.session.project.meta))
        self._filter.show_filter(PairFilter.from_json(kept.get("filter", {})))
        self._source.setVisible(bool(kept.get("source", True)))
        self._board.restore_sizes(kept.get("sizes", {}))
        self._filter.show_table(bool(kept.get("table")))
        self.flow.open(self._filter.value(), kept.get("pair"))

    def _fill_papers(self) -> None:
        self._filter.set_papers((document.id, document.title) for document in self.session.project.documents.all())
        self._filter.show_makers(bool(self.session.project.meta.get(SEVERAL, False)))

    def _turn_to_doubts(self, pair_id: int | None = None) -> None:
        self._doubts.turn(pair_id)
        self._take_keys()

    def _turn_to_progress(self) -> None:
        self._progress.turn()
        self._take_keys()

    def _show_list(self, shown: PairFilter) -> None:
        self._filter.show_filter(shown)
        self.flow.open(shown)
        self._take_keys()

    def _show_strip(self) -> None:
        queue = self.flow.queue
        if queue is None:
            return
        self._strip.show_place(self.flow.row, len(queue), complete=queue.is_complete)
        self._strip.show_bulk(
            self.flow.shown_count(),
            enabled=queue.is_complete and not self.flow.is_busy,
            clean=bool(self.flow.counts.get(PairState.PENDING)) and not self.flow.is_busy,
            similar=queue.filter.similar is not None,
        )

    def _undo(self) -> None:
        self._say_turned(self.flow.undo(), self.tr("Undone: {what}"))

    def _redo(self) -> None:
        self._say_turned(self.flow.redo(), self.tr("Made again: {what}"))

    def _say_turned(self, batch: Batch | None, text: str) -> None:
        if batch and not self.flow.is_busy:
            self.feedback.say(text.format(what=batch_words(batch)), tone=Tone.INFO)

    def _say_why(self, command: Command) -> None:
        batch = self.flow.decisions.next_undo()
        if batch and batch.act == Act.REJECT:
            self.flow.say_why(batch, WHYS[command])

    def _ask_again(self) -> None:
        if self.flow.current and not self.flow.is_busy and self._again.ask(self.flow.current.pair.id):
            self.feedback.say(self.tr("Another question is being made; you can go on meanwhile."), tone=Tone.INFO)

    def _show_similar(self) -> None:
        row = self.flow.current
        if row and self.session.project.pair_groups.size(row.pair.id) > 1:
            self._show_list(PairFilter.similar_to(row.pair.id))
        elif row:
            self.feedback.say(self.tr("No other question asks nearly the same."), tone=Tone.INFO)

    def _copy(self) -> None:
        text = self._desk.card.selected_text() or self._source.evidence()
        if text:
            QApplication.clipboard().setText(text)
            self.feedback.say(self.tr("Copied: {text}").format(text=shortened(text)), tone=Tone.INFO)

    def _edit(self) -> None:
        if self.flow.current and self._passage and not self.flow.is_busy:
            self._desk.edit(self.flow.current, self._passage)

    def _make_by_hand(self) -> None:
        project = self.session.project
        chosen = self._source.selection()
        if chosen is None:
            draft = self._desk.new_draft()
            if draft and draft[0] in (found := project.passages.get([draft[0]])):
                self._desk.resume_new(found[draft[0]])
                return
            text = self.tr("Select the answer on the page first, then press {key}.")
            self.feedback.say(text.format(key=KEY_OF[Command.NEW].printed), tone=Tone.INFO)
            return
        place = passage_of(project, chosen.document, chosen.page, chosen.text, self._passage)
        if place:
            self._desk.make(*place)
            return
        self.feedback.say(
            self.tr("This text is in no passage that is searched. Select words of one paragraph."), tone=Tone.WARN
        )

    def _on_filter_changed(self, shown: PairFilter) -> None:
        self._stop_typing()
        self.flow.open(shown, self.flow.current.pair.id if self.flow.current else None)

    def _on_filter_table_wanted(self, wanted: bool) -> None:
        self._wants_table = wanted
        self._board.set_mode(TABLE if wanted else CARDS)
        self._desk.show_table(wanted)
        self._on_flow_pair_changed()
        self._take_keys()

    def _on_desk_edited(self, pair_id: int, texts: Texts) -> None:
        try:
            self.flow.edit(pair_id, texts)
        except AppError as problem:
            self.feedback.problem(problem)
            return
        self._desk.close_editor(saved=True)
        self._take_keys()

    def _on_desk_made(self, passage_id: int, texts: Texts) -> None:
        try:
            pair_id = self.flow.add(passage_id, texts)
        except AppError as problem:
            self.feedback.problem(problem)
            return
        self._desk.close_editor(saved=True)
        self._take_keys()
        undo = Action(self.tr("Undo"), self._undo)
        self.feedback.say(self.tr("New pair #{number} accepted.").format(number=pair_id), action=undo)

    def _on_again_proposed(self, pair_id: int, texts: Texts) -> None:
        """A draft of the pair: it is in the editor at once where the reviewer is still there."""
        if not self._desk.propose(pair_id, texts):
            take = Action(self.tr("Take it"), lambda: self._take_proposed(pair_id, texts))
            self.feedback.show(*other_question_words(pair_id, texts.question), action=take)
            return
        here = self.flow.current is not None and self.flow.current.pair.id == pair_id and self._board.shows_work
        if here and not self._desk.is_editing:
            self._edit()
            return
        show = Action(self.tr("Show"), lambda: self._show_proposed(pair_id))
        self.feedback.say(self.tr("Another question for #{number} is ready.").format(number=pair_id), action=show)

    def _take_proposed(self, pair_id: int, texts: Texts) -> None:
        self._stop_typing()
        self._desk.propose(pair_id, texts, over_draft=True)
        self._show_proposed(pair_id)

    def _show_proposed(self, pair_id: int) -> None:
        self._stop_typing()
        self._board.show_instead(None)
        self.flow.show_pair(pair_id)
        self._edit()

    def _on_desk_left(self) -> None:
        self._on_flow_pair_changed()
        self._take_keys()

    def _on_trail_batch_clicked(self, batch: Batch) -> None:
        self._stop_typing()
        self.flow.show_pair(batch.pair_id)
        self._take_keys()

    def _on_flow_pair_changed(self) -> None:
        row = self.flow.current
        if row is None:
            everything = not self.flow.counts.get(PairState.PENDING) and self._filter.value().is_whole
            self._board.show_end(everything=everything, through=bool(self.flow.queue and len(self.flow.queue)))
            self._passage = None
        else:
            self._passage = self.session.project.passages.get([row.pair.passage_id])[row.pair.passage_id]
            others = beside(self.session.project, row.pair.id)
            self._desk.show_pair(row, self.flow.row, self._passage, others)
            self._board.show_pair()
            self._source.show_pair(row, self._passage, others.quote)
            self._source.prefetch(self.flow.upcoming())
        self._show_strip()

    def _on_flow_journal_changed(self) -> None:
        self._trail.show_decisions(self.flow.decisions.recent(), self.flow.decisions.next_redo())
        self._strip.show_counts(self.flow.counts, self.flow.pace())
        self._show_strip()
        self._board.show_pairs(bool(sum(self.flow.counts.values())))

    def _on_session_table_changed(self, table: str) -> None:
        if table == "documents":
            self.flow.set_stale()
        elif table == "doubts" and self._restored:
            self._doubts.read()

    def _on_session_project_changed(self) -> None:
        self._restored = False
        self.flow.abandon()
        self._doubts.abandon()
        self._desk.drafts = {}
        self._desk.close_editor(saved=False)
