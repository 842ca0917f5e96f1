"""What every page of the window is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from embtrainer_gui.core.workflow import Step

if TYPE_CHECKING:
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session


class Page(QWidget):
    """A page reads through ``session``, starts jobs through ``jobs`` and speaks through ``feedback``.

    It is built on its first visit; the shell draws its title, subtitle and state badge above it, and Back and Next
    below. A page knows no other page: moving on is the signal ``go_to``.
    """

    step: ClassVar[Step | None] = None
    title: ClassVar[str]
    subtitle: ClassVar[str] = ""
    icon: ClassVar[str] = ""

    go_to = Signal(object)  # Step

    def __init__(self, session: Session, jobs: JobManager, feedback: Feedback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.jobs, self.feedback = session, jobs, feedback
        self._build()
        self._connect()

    def _build(self) -> None:
        """Make the widgets."""

    def _connect(self) -> None:
        """Wire them."""

    def enter(self) -> None:
        """Read the state again: called on each visit, and after the project was changed by a job."""

    def leave(self) -> None:
        """Keep what was typed: called before another page is shown and before the window closes."""

    def has_unsaved_work(self) -> bool:
        """Whether closing the window now would lose something that was typed."""
        return False

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """The least that shows everything: a page takes the height of its place, and is scrolled only below that."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None and layout.hasHeightForWidth() else -1
