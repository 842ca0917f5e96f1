"""Looks through a project that was opened, in a child beside the window, and makes the backup of the day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from embtrainer_gui.core.job_child import JobChild
from embtrainer_gui.core.messages import Event, Finished, JobSpec
from embtrainer_gui.gui.feedback import Action, Feedback, Tone
from embtrainer_gui.gui.job_thread import JobThread

if TYPE_CHECKING:
    from embtrainer_gui.gui.session import Session

AFTER_MS = 4000  # what the user wants first comes first
END_MS = 20_000


class IntegrityWatch(QObject):
    """A banner names what is damaged; its button calls ``show_backups``. A check that cannot run says nothing: what
    keeps it from running shows elsewhere."""

    def __init__(
        self, session: Session, feedback: Feedback, command: Sequence[str], show_backups: Callable[[], None]
    ) -> None:
        super().__init__()
        self._session, self._feedback, self._command = session, feedback, list(command)
        self._show_backups = show_backups
        self._thread: JobThread | None = None
        self._timer = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._timer.timeout.connect(self.look)
        session.project_changed.connect(self._on_project_changed)
        self._on_project_changed()

    @Slot()
    def look(self) -> None:
        """Start the check of the open project."""
        if not self._session.is_open or self._thread is not None:
            return
        spec = JobSpec(stage="check-project", project=str(self._session.project.folder), options={"daily": True})
        self._thread = JobThread(JobChild(self._command, spec))
        self._thread.event_received.connect(self._on_event)
        self._thread.finished.connect(self._on_thread_finished)
        self._thread.start()

    def stop(self) -> None:
        """End the check: the project or the window closes."""
        self._timer.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.event_received.disconnect(self._on_event)
            thread.finished.disconnect(self._on_thread_finished)
            thread.child.kill()
            thread.wait(END_MS)
            thread.deleteLater()

    @Slot()
    def _on_project_changed(self) -> None:
        self.stop()
        if self._session.is_open and not self._session.project.read_only:
            self._timer.start()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if isinstance(event, Finished) and event.summary.get("damaged"):
            names = [str(finding["name"]) for finding in event.summary["damaged"]]
            hint = self.tr("Put the newest whole backup back, or an older one; nothing is lost by it.")
            none = self.tr("There is no whole backup. Export what can be read, and put back a copy of your own.")
            self._feedback.show(
                self.tr("This project is damaged: {what}").format(what="; ".join(names[:3])),
                hint if event.summary.get("backup") else none,
                tone=Tone.BAD,
                action=Action(self.tr("See the backups"), self._show_backups),
            )

    @Slot()
    def _on_thread_finished(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()
