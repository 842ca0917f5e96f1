"""Which model to start from: those that are known, with a download on demand, or any folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHeaderView,
    QProgressBar,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.hub_address import endpoint, host_of, refuse_when_offline
from embtrainer_gui.core.messages import Event, Progress
from embtrainer_gui.core.model_catalogue import CATALOGUE, CatalogueModel, in_catalogue
from embtrainer_gui.core.model_store import ModelState, model_state
from embtrainer_gui.gui import format as fmt
from embtrainer_gui.gui.models.catalogue_table import (
    DIMENSION,
    NAME,
    SEARCH,
    SIZE,
    SPEED,
    STATE,
    TOKENS,
    CatalogueTable,
)
from embtrainer_gui.gui.widgets.basics import button, column, label, line, row
from embtrainer_gui.gui.widgets.job_rate import JobRate
from embtrainer_gui.gui.widgets.model_facts import ModelFacts
from embtrainer_gui.gui.widgets.plain_table import plain_table
from embtrainer_gui.gui.widgets.progress_words import progress_words
from embtrainer_gui.gui.widgets.steady_scroll import SteadyScroll

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.widgets.config_form import ConfigForm

STAGE = "get-model"
SIZE_OF_DIALOG = (1120, 620)
WIDTHS = {STATE: 132, SIZE: 72, DIMENSION: 92, TOKENS: 68, SEARCH: 68, SPEED: 72}


class ModelChooser(QDialog):
    """Signals: ``chosen`` (a name of the catalogue, or a folder) when the user has decided."""

    chosen = Signal(str)

    def __init__(self, jobs: JobManager, current: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._rate = jobs, JobRate()
        self.setObjectName("models")
        self.setWindowTitle(self.tr("Model to start from"))
        self.resize(*SIZE_OF_DIALOG)
        self._table = CatalogueTable(CATALOGUE, self)
        self._build()
        self._connect()
        self._read_states()
        model = in_catalogue(current)
        self._view.selectRow(CATALOGUE.index(model) if model else 0)
        self._show()

    def _build(self) -> None:
        self._view = self._build_view()
        self._facts = ModelFacts()
        self._host = label("", "secondary", wrap=True)
        self._host.setObjectName("models.host")
        self._fault = label("", "error", wrap=True)
        self._fault.setObjectName("models.fault")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setObjectName("models.progress")
        self._figures = label("", "secondary")
        self._figures.setObjectName("models.figures")
        self._foot = QWidget()
        self._foot.setLayout(column(self._fault, self._host, row(self._bar, self._figures)))
        self._foot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._fault.hide()
        self._folder = button(self.tr("Choose a folder..."), "", "folder", "models.folder")
        self._stop = button(self.tr("Stop"), "", "stop", "models.stop")
        close = button(self.tr("Close"), name="models.close")
        close.clicked.connect(self.reject)
        self._main = button("", "primary", name="models.main")
        self._main.setDefault(True)
        scroll = SteadyScroll(self._facts)
        scroll.setFixedWidth(self._facts.width() + 16)
        middle = row(self._view, scroll, spacing=16)
        middle.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addLayout(middle, 1)
        layout.addWidget(line())
        layout.addWidget(self._foot)
        layout.addLayout(row(self._folder, None, self._stop, close, self._main))

    def _build_view(self) -> QTableView:
        view = plain_table(QTableView(), "models.table", self.windowTitle())
        view.setModel(self._table)
        view.horizontalHeader().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for place, width in WIDTHS.items():
            view.setColumnWidth(place, width)
        return view

    def _connect(self) -> None:
        self._view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._view.doubleClicked.connect(self._on_view_double_clicked)
        self._main.clicked.connect(self._on_main_clicked)
        self._folder.clicked.connect(self._on_folder_clicked)
        self._stop.clicked.connect(self._on_stop_clicked)
        self._jobs.job_started.connect(self._on_jobs_changed)
        self._jobs.job_event.connect(self._on_job_event)
        self._jobs.job_ended.connect(self._on_job_ended)

    @property
    def _model(self) -> CatalogueModel:
        return CATALOGUE[max(0, self._view.currentIndex().row())]

    @property
    def _state(self) -> ModelState:
        return self._table.state(max(0, self._view.currentIndex().row()))

    @property
    def _download(self) -> Job | None:
        job = self._jobs.current
        return job if job is not None and job.stage == STAGE else None

    def _read_states(self) -> None:
        self._table.set_states([model_state(model) for model in CATALOGUE])

    def _show(self) -> None:
        self._facts.show_model(self._model)
        job, missing = self._download, self._state.kind == "download"
        self._main.setText(self._main_words())
        self._main.setEnabled(not missing or self._jobs.current is None)
        self._stop.setVisible(job is not None)
        self._stop.setEnabled(job is not None and job.state != "stopping")
        self._bar.setVisible(job is not None)
        self._figures.setVisible(job is not None)
        if job is not None:
            done, total, _ = job.progress
            self._bar.setRange(0, max(total, 1) if total else 0)
            self._bar.setValue(done)
            self._figures.setText(self._figure_words(job))
        self._host.setText(self._host_words(missing))

    def _main_words(self) -> str:
        state, megabytes = self._state, self._model.megabytes.value * 1e6
        if state.kind != "download":
            return self.tr("Use this model")
        if state.kept:
            return self.tr("Go on downloading ({kept} are here)").format(kept=fmt.size(state.kept))
        return self.tr("Download {size}").format(size=fmt.size(megabytes))

    def _host_words(self, missing: bool) -> str:
        job = self._jobs.current
        if job is not None and job.stage != STAGE and missing:
            return self.tr("{title} is still running: a download can begin when it has ended.").format(title=job.title)
        if not missing:
            return self.tr("Using it contacts nobody.")
        return self.tr(
            "Download contacts {host} and the file servers that it names; nothing is contacted before you press it."
            " They learn which model you want, and nothing of your papers."
        ).format(host=host_of(endpoint()))

    def _figure_words(self, job: Job) -> str:
        done, total, _ = job.progress
        if job.state == "stopping" or not total:
            return job.status_text
        now = time.monotonic()
        return progress_words(done, total, self._rate.per_second(), self._rate.remaining(now), in_bytes=job.in_bytes)

    def _tell(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setVisible(bool(text))

    def _use(self, name: str) -> None:
        """Take ``name`` if it can be loaded; a poisoned folder is told here, before it stands in the form."""
        try:
            model_folder(name, verify=False)
        except AppError as problem:
            self._tell(_words(problem))
            return
        self.chosen.emit(name)
        self.accept()

    @Slot()
    def _on_selection_changed(self) -> None:
        self._tell("")
        self._show()

    @Slot()
    def _on_view_double_clicked(self) -> None:
        if self._state.kind != "download":
            self._use(self._model.name)

    @Slot()
    def _on_main_clicked(self) -> None:
        self._tell("")
        if self._state.kind != "download":
            self._use(self._model.name)
            return
        try:
            refuse_when_offline()
        except AppError as problem:
            self._tell(_words(problem))
            return
        self._rate.clear()
        self._jobs.start(STAGE, {}, model=self._model.name)

    @Slot()
    def _on_folder_clicked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder of a model"))
        if folder:
            self._use(folder)

    @Slot()
    def _on_stop_clicked(self) -> None:
        if self._download is not None:
            self._jobs.cancel(self._download)

    @Slot(object)
    def _on_jobs_changed(self, job: Job) -> None:
        self._show()

    @Slot(object, object)
    def _on_job_event(self, job: Job, event: Event) -> None:
        if job.stage == STAGE:
            if isinstance(event, Progress):
                self._rate.add(time.monotonic(), event.done, event.total)
            self._show()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job.stage == STAGE and job.failure is not None:
            self._tell(f"{job.failure.message} {job.failure.hint}".strip())
        self._read_states()
        self._show()


def open_chooser(jobs: JobManager, form: ConfigForm, parent: QWidget) -> None:
    """Let the user choose; the decision goes into the field ``base_model`` of ``form``."""
    dialog = ModelChooser(jobs, str(form.values()["base_model"]), parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.chosen.connect(lambda name: form.set_values({"base_model": name}))
    dialog.open()


def _words(problem: AppError) -> str:
    parts = (problem.template, problem.hint_template)
    return " ".join(QCoreApplication.translate("core", part).format(**problem.values) for part in parts if part)
