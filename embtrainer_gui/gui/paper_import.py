"""Brings papers into the open project: new ones, failed ones again, encrypted ones with their password."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.interchange.recognise import holds_pairs
from embtrainer_gui.core.keys import key_at_hand
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.reference_entry import holds_references
from embtrainer_gui.core.store.document_list import DocumentList, DocumentRow
from embtrainer_gui.gui.feedback import Action, Feedback, Message, Tone, joined
from embtrainer_gui.gui.import_settings import import_config
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.reference_outcome import tell_references
from embtrainer_gui.gui.send_papers import may_be_sent
from embtrainer_gui.gui.where_to_run import cluster_options

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session

SHOWN_NAMES = 3
_GOOD = (FileState.DONE, FileState.PARTIAL, FileState.DUPLICATE)


class PaperImport(QObject):
    """Signals: ``password_wanted`` (file name, whether one was wrong) is answered by ``give_password`` or
    ``skip_password``; ``file_wanted`` with the name of a file whose place is not known; ``questions_wanted`` with the
    path of a file of questions, after which ``offer_next`` goes on.
    """

    password_wanted = Signal(str, bool)
    file_wanted = Signal(str)
    questions_wanted = Signal(object)

    def __init__(self, session: Session, jobs: JobManager, feedback: Feedback, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._feedback = session, jobs, feedback
        self._given: dict[str, Path] = {}  # where files that were named stand, as long as the window lives
        self._asking: list[DocumentRow] = []
        self._passwords: dict[str, str] = {}
        self._tried: set[str] = set()  # copies whose password was just tried; a source that is read again has a new id
        self._told: Message | None = None  # about the first of several files that were dropped together
        self._pairs: list[Path] = []
        self._bibliographies: list[Path] = []
        self._job: Job | None = None
        self._anew: Job | None = None  # the job that reads papers again
        jobs.job_ended.connect(self._on_job_ended)

    def add(self, paths: Sequence[Path]) -> None:
        """Import papers; files of question-answer pairs are offered another door."""
        self._told = None
        self._bibliographies = [path for path in paths if holds_references(path)]
        others = [path for path in paths if path not in self._bibliographies]
        self._pairs = [path for path in others if holds_pairs(path)]
        papers = [path for path in others if path not in self._pairs]
        self._given.update({path.name: path for path in papers})
        if papers and self._start(papers) is not None:
            return  # the offer comes when this is done
        self._go_on()

    def add_from_zotero(self, address: str, collections: Sequence[str] | None) -> None:
        """Import what lies in some collections of Zotero, by their keys; None is all of it."""
        self._start((), zotero={"address": address, "collections": collections})

    def retry(self, rows: Sequence[DocumentRow]) -> None:
        """Read failed files again: from the project's copy, else from where they were; ask for passwords first."""
        locked = [row for row in rows if row.state == FileState.ENCRYPTED]
        others = [row for row in rows if row.state != FileState.ENCRYPTED]
        paths = [path for row in others if (path := self._place_of(row)) is not None]
        if locked:
            self._ask(locked)
        if paths:
            self._start(paths, retry=True)
        elif others:
            self.file_wanted.emit(others[0].file_name)

    def read_again(self, rows: Sequence[DocumentRow], extractor: str) -> None:
        """Read papers of the project anew, from its copies; what hangs on them stays."""
        paths = {row.source: self._session.project.papers / row.stored for row in rows}
        config = import_config(self._session).model_copy(update={"extractor": extractor})
        if self._start(list(paths.values()), again=True, config=config) is not None:
            self._anew = self._job

    def give_password(self, password: str) -> None:
        row = self._asking.pop(0)
        path = self._place_of(row)
        if path is not None:
            self._passwords[str(path)] = password
            self._tried.add(row.stored)
        self._ask_next()

    def skip_password(self) -> None:
        self._tried.discard(self._asking.pop(0).stored)
        self._ask_next()

    def is_running(self) -> bool:
        return self._job is not None

    def _ask(self, rows: Sequence[DocumentRow]) -> None:
        self._asking = list(rows)
        self._passwords = {}
        self._ask_next()

    def _ask_next(self) -> None:
        if self._asking:
            row = self._asking[0]
            self.password_wanted.emit(row.file_name, row.stored in self._tried)
        elif self._passwords:
            passwords, self._passwords = self._passwords, {}
            self._start([Path(path) for path in passwords], retry=True, passwords=passwords)
        else:
            self.offer_next()

    def _place_of(self, row: DocumentRow) -> Path | None:
        if row.stored:
            return self._session.project.papers / row.stored
        return self._given.get(row.file_name)

    def _start(
        self,
        paths: Sequence[Path],
        *,
        retry: bool = False,
        passwords: dict[str, str] | None = None,
        again: bool = False,
        config: ImportConfig | None = None,
        **where: Any,
    ) -> Job | None:
        self._feedback.clear()
        if "bibliography" not in where:  # else it came with the papers that were read just now
            self._told = None
        config = config or import_config(self._session)
        if not may_be_sent(self._session.project, config, self.parent()):
            return None
        on = cluster_options(self._session, self.tr("The papers"), self.parent())
        if on is None:
            return None
        options: dict[str, Any] = {"sources": list(paths), "retry": retry, **on, **where}
        if again:
            options["again"] = True
        key = key_at_hand(config.vision_url)  # a file that is tried again may want the model though the rest does not
        self._job = self._jobs.start("import", config, **options, passwords=passwords or {}, key=key)
        return self._job

    def _on_job_ended(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job = None
        tried, self._tried = self._tried, set()
        anew, self._anew = self._anew, None
        if job.summary is not None and "references" in job.summary:
            self._told = tell_references(self._feedback, job.summary, self._told)
        elif job.summary is not None and job is anew:
            self._tell_reread(job.summary["files"])
        elif job.summary is not None:
            self._tell_outcome(job.summary["files"], tried)
        elif job.failure is not None and self._told is not None:
            self._told = joined(self._told, Message(Tone.WARN, job.failure.message, job.failure.hint))
            QTimer.singleShot(0, self, self._tell_again)  # over what the manager says of it
        self._go_on()

    def _tell_again(self) -> None:
        if self._told is not None:
            self._feedback.banner.emit(self._told)

    def _go_on(self) -> None:
        """With the next exported library among what was dropped, else with the files of questions."""
        if self._bibliographies and not self._asking:
            path, *self._bibliographies = self._bibliographies
            self._start((), bibliography=path)
        else:
            self.offer_next()

    def _tell_outcome(self, files: list[dict[str, Any]], tried: set[str]) -> None:
        """Say what came of it, failures first; ask again where a password was wrong."""
        locked = [row for row in self._failed() if row.state == FileState.ENCRYPTED]
        wrong = [row for row in locked if row.stored in tried]
        if wrong:
            self._tried = {row.stored for row in wrong}
            self._ask(wrong)
            return
        good = sum(row["state"] in (FileState.DONE, FileState.PARTIAL) for row in files)
        known = sum(row["state"] == FileState.DUPLICATE for row in files)
        bad = [str(row["file"]) for row in files if row["state"] not in _GOOD]
        now_locked = [row for row in locked if row.file_name in bad]
        if bad:
            self._tell_failures(good, bad, now_locked)
        elif known:
            self._feedback.say(
                self.tr("{good} read, {known} were in the project already.").format(good=good, known=known)
            )
        else:
            self._feedback.say(self.tr("{good} read.").format(good=good))

    def _tell_reread(self, files: list[dict[str, Any]]) -> None:
        """What came of reading papers again: those that stay as they were first."""
        left = [row for row in files if row["state"] not in (FileState.DONE, FileState.PARTIAL)]
        good = len(files) - len(left)
        if len(files) == 1:
            text, hint = f"{files[0]['file']}: {files[0]['reason']}", ""
        else:
            text = self.tr("{good} papers were read again, {left} stay as they were.").format(good=good, left=len(left))
            hint = f"{left[0]['file']}: {left[0]['reason']}" if left else ""
        if left:
            self._feedback.show(text, hint, tone=Tone.WARN)
        else:
            self._feedback.say(text)

    def _tell_failures(self, good: int, bad: list[str], locked: list[DocumentRow]) -> None:
        names = ", ".join(bad[:SHOWN_NAMES]) + ("..." if len(bad) > SHOWN_NAMES else "")
        text = self.tr("{good} read, {bad} could not be read: {names}").format(good=good, bad=len(bad), names=names)
        hint = self.tr("They stand at the top of the table with the reason.")
        action = Action(self.tr("Enter passwords"), lambda: self._ask(locked)) if locked else None
        self._told = Message(Tone.WARN, text, hint, action)
        self._tell_again()

    def _failed(self) -> list[DocumentRow]:
        return DocumentList(self._session.project.database).failed()

    def offer_next(self) -> None:
        """Offer the next of the files of questions among what was dropped another door."""
        if not self._pairs or self._asking:
            return
        path, *others = self._pairs
        self._pairs = others
        offer = Message(
            Tone.INFO,
            self.tr("{name} holds questions, not papers.").format(name=path.name),
            self.tr("They can be imported as questions or as a test set; their texts become passages."),
            Action(self.tr("Import as questions"), lambda: self.questions_wanted.emit(path)),
        )
        told, self._told = self._told, None
        self._feedback.banner.emit(joined(told, offer))
