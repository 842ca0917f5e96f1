"""Where a report goes, and how it is looked at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from embtrainer_gui.core.store import Project

ENDINGS = (".html", ".htm", ".md", ".markdown")


def ask_for_report(parent: QWidget, project: Project) -> Path | None:
    """An HTML or a Markdown file of the user's choice, in the project's ``exports`` at first; None where none."""
    folder = project.folder / "exports"
    if not project.read_only:
        folder.mkdir(exist_ok=True)
    title = QCoreApplication.translate("ReportFile", "Save the report")
    name = str(folder / f"{project.folder.resolve().name}-comparison.html")
    chosen, kind = QFileDialog.getSaveFileName(parent, title, name, "HTML (*.html);;Markdown (*.md)")
    if not chosen:
        return None
    out = Path(chosen)
    if out.suffix.lower() in ENDINGS:
        return out
    return out.with_name(out.name + (".md" if "*.md" in kind else ".html"))


def open_file(path: Path) -> None:
    """With whatever the system opens such files with."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
