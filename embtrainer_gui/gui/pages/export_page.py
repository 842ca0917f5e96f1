"""Export: what to take out of the project, what it is for, and where it went."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.format import count, size
from embtrainer_gui.gui.models.export_facts import ExportFacts, export_facts, free_path, size_of
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.widgets.export_card import ExportCard
from embtrainer_gui.gui.widgets.publish_card import PublishCard
from embtrainer_gui.gui.widgets.snippet import Snippet

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job

CARDS = ("model", "pairs", "faiss", "onnx", "bundle", "settings", "methods")
OF_A_MODEL = ("model", "onnx", "methods")
ENDINGS = {"jsonl": ".jsonl", "csv": ".csv", "json": ".json", "parquet": ".parquet", "beir": ""}
COLUMNS = 2
CODE = """from sentence_transformers import SentenceTransformer

model = SentenceTransformer({path!r})
passages = ["First passage ...", "Second passage ..."]
question = model.encode_query("What do you want to find?")
scores = model.similarity(question, model.encode_document(passages))
print(scores)  # the highest score is the best passage"""


class ExportPage(Page):
    step = Step.EXPORT
    title = mark("Export")
    subtitle = mark("Take the model and the data away: nothing in the project changes.")
    icon = "export"

    def _build(self) -> None:
        self._saving: tuple[str, Path] | None = None
        self._elsewhere: dict[str, Path] = {}  # a project keeps no path that leads out of it
        self._facts: ExportFacts | None = None
        self._cards = {name: self._card(name) for name in CARDS}
        self._publish = PublishCard()
        self._snippet = Snippet(self.tr("Use the model in Python"))
        inside = QWidget()
        grid = QGridLayout()
        grid.setSpacing(16)
        for number, card in enumerate([*self._cards.values(), self._publish]):
            grid.addWidget(card, number // COLUMNS, number % COLUMNS)
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        content = QVBoxLayout(inside)
        content.setContentsMargins(0, 0, 8, 0)
        content.setSpacing(16)
        content.addLayout(grid)
        content.addWidget(self._snippet)
        content.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside.setMinimumHeight(1)  # its height follows its width: not that of text as narrow as it goes
        area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _card(self, name: str) -> ExportCard:
        title, purpose = self._texts()[name]
        return ExportCard(
            name,
            title,
            purpose,
            primary=name == "model",
            formats={"pairs": self._formats(), "faiss": self._index_formats()}.get(name, ()),
            back=self.tr("Bring a result back...") if name == "bundle" else "",
        )

    def _texts(self) -> dict[str, tuple[str, str]]:
        return {
            "model": (
                self.tr("Search model"),
                self.tr("To search in your own programs: a folder that sentence-transformers loads as it is."),
            ),
            "pairs": (
                self.tr("Question-answer pairs"),
                self.tr("To train or test other models, or to publish: the accepted questions with their passages."),
            ),
            "faiss": (
                self.tr("Search index"),
                self.tr("To search these papers without this program: the passages' vectors, and a short script."),
            ),
            "onnx": (
                self.tr("ONNX model"),
                self.tr(
                    "To search in programs without PyTorch, in any language: the same vectors from ONNX Runtime, and a"
                    " short script."
                ),
            ),
            "bundle": (
                self.tr("Training run for another computer"),
                self.tr(
                    "To train on a faster machine: one folder, one command there, and the result comes back as a run of"
                    " this project."
                ),
            ),
            "settings": (
                self.tr("Settings"),
                self.tr("To do it again or to keep a record: every setting, count, score and version, as JSON."),
            ),
            "methods": (
                self.tr("Methods paragraph"),
                self.tr("For your paper: how the model was made and what it reached, in sentences to adapt."),
            ),
        }

    def _formats(self) -> list[tuple[str, str]]:
        return [
            ("jsonl", self.tr("JSONL (one pair a line)")),
            ("csv", self.tr("CSV (spreadsheet)")),
            ("json", self.tr("JSON (one list)")),
            ("parquet", self.tr("Parquet (pandas, datasets)")),
            ("beir", self.tr("BEIR (test set for search)")),
        ]

    def _index_formats(self) -> list[tuple[str, str]]:
        return [
            ("flat", self.tr("FAISS, exact")),
            ("hnsw", self.tr("FAISS, HNSW graph (quick)")),
            ("ivf", self.tr("FAISS, IVF cells (quick)")),
            ("qdrant", self.tr("Qdrant, in a folder")),
        ]

    def _connect(self) -> None:
        for name, card in self._cards.items():
            card.save_asked.connect(lambda choose, name=name: self._on_save_asked(name, choose))
            card.open_asked.connect(lambda name=name: self._on_open_asked(name))
        self._publish.publish_asked.connect(self._on_publish_asked)
        self._publish.open_asked.connect(lambda address: QDesktopServices.openUrl(QUrl(address)))
        self._cards["bundle"].back_asked.connect(self._on_back_asked)
        self._cards["pairs"].formats.currentIndexChanged.connect(self._on_format_changed)
        self.session.table_changed.connect(self._on_table_changed)
        self.jobs.job_started.connect(self._on_job_started)
        self.jobs.job_ended.connect(self._on_job_ended)

    def enter(self) -> None:
        self._facts = export_facts(self.session.project)
        self._show_cards()
        for name in CARDS:
            self._show_saved(name)
        self._show_snippet()

    def _show_cards(self) -> None:
        if self._facts is None:
            return
        running = self._saving[0] if self._saving else ""
        self._cards["bundle"].back.setEnabled(not self.session.project.read_only)
        for name, card in self._cards.items():
            text, available = self._holds(name, self._facts)
            card.show_state(text, available=available, running=name == running)
        self._show_publish(self._facts)

    def _show_publish(self, facts: ExportFacts) -> None:
        text = self.tr("There is no tuned model yet: train one first.")
        if facts.model is not None:
            text = self.tr("The model of {run}. {size}").format(run=facts.run, size=size(facts.model_bytes))
        running = self.jobs.current is not None and self.jobs.current.stage == "push"
        self._publish.show_state(text, available=facts.model is not None, running=running)

    def _holds(self, name: str, facts: ExportFacts) -> tuple[str, bool]:
        """What a card says it holds, and whether there is anything to save."""
        if name in OF_A_MODEL and facts.model is None:
            return self.tr("There is no tuned model yet: train one first."), False
        if name == "model":
            text = self.tr("The model of {run}: weights, tokenizer and settings. {size}")
            return text.format(run=facts.run, size=size(facts.model_bytes)), True
        if name == "onnx":
            text = self.tr("The model of {run} as one graph; smaller in int8 too, if that passes a test. About {size}")
            return text.format(run=facts.run, size=size(facts.model_bytes)), True
        if name == "bundle":
            text = self.tr(
                "Accepted questions with their passages, nothing of the test papers, and the settings of Train."
            )
            return (text, True) if facts.accepted else (self.tr("No question is accepted yet."), False)
        if name == "pairs":
            if not facts.accepted:
                return self.tr("No question is accepted yet."), False
            text = self.tr("{number} accepted pairs with paper and page. About {size}")
            return text.format(
                number=count(facts.accepted), size=size(facts.pair_bytes(self._cards[name].format))
            ), True
        if name == "faiss":
            text = self.tr("{number} passages, vectors of the {model} model, paper and page of each. About {size}")
            model = self.tr("tuned") if facts.model else self.tr("untrained")
            return text.format(number=count(facts.passages), model=model, size=size(facts.index_bytes)), True
        if name == "settings":
            return self.tr("Data, split, training, comparison and versions, without a path or a key. A few kB"), True
        return self.tr("Data, split, model, loss, epochs, seed, scores and versions as plain text. A few kB"), True

    def _show_saved(self, name: str) -> None:
        path = self._saved(name)
        if path is None:
            self._cards[name].show_saved(None, "")
            return
        text = self.tr("Saved to {path} ({size})").format(path=self._shown(path), size=size(size_of(path)))
        self._cards[name].show_saved(path, text)

    def _show_snippet(self) -> None:
        path = self._saved("model") or (self._facts.model if self._facts else None)
        self._snippet.setVisible(path is not None)
        if path is not None:
            self._snippet.show_code(CODE.format(path=str(path.resolve())))

    def _saved(self, name: str) -> Path | None:
        """Where this was saved last, if it is still there."""
        kept = self.session.kept("export").get("saved", {}).get(name)
        path = self._elsewhere.get(name) or (self.session.project.folder / kept if kept else None)
        return path if path is not None and path.exists() else None

    def _remember(self, name: str, path: Path) -> None:
        folder = self.session.project.folder
        if not path.is_relative_to(folder):
            self._elsewhere[name] = path
            return
        self._elsewhere.pop(name, None)
        saved = self.session.kept("export").get("saved", {})
        self.session.keep("export", saved={**saved, name: path.relative_to(folder).as_posix()})

    def _shown(self, path: Path) -> str:
        folder = self.session.project.folder
        return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)

    def _on_save_asked(self, name: str, choose: bool) -> None:
        folder = self.session.project.folder / "exports"
        if choose:
            chosen = QFileDialog.getExistingDirectory(self, self.tr("Where to save"), str(folder))
            if not chosen:
                return
            folder = Path(chosen)
        elif not self.session.project.read_only:
            folder.mkdir(exist_ok=True)
        out = free_path(folder, self._file_name(name))
        self._saving = (name, out)
        if name == "pairs":
            job = self.jobs.start("pairs-export", {}, format=self._cards[name].format, out=out, state="accepted")
        elif name == "bundle":
            form = self.session.kept("train").get("form")  # else the preset that the Train page shows
            job = self.jobs.start("bundle", form or {}, preset=form is None, out=out)
        elif name == "faiss":
            kind = self._cards["faiss"].format
            job = self.jobs.start("export", {}, what="qdrant" if kind == "qdrant" else "faiss", index=kind, out=out)
        else:
            job = self.jobs.start("export", {}, what=name, out=out)
        if job is None:
            self._saving = None
        self._show_cards()

    def _file_name(self, name: str) -> str:
        project = self.session.project.folder.resolve().name
        endings = {
            "model": "-model",
            "pairs": "-pairs" + ENDINGS.get(self._cards["pairs"].format, ""),
            "faiss": "-index",
            "onnx": "-onnx",
            "bundle": "-run",
            "settings": "-settings.json",
            "methods": "-methods.txt",
        }
        return project + endings[name]

    def _on_open_asked(self, name: str) -> None:
        path = self._saved(name)
        if path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))

    @Slot()
    def _on_back_asked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder of the run that was trained elsewhere"))
        if folder:
            self.jobs.start("import-run", {}, folder=folder)

    @Slot(str, bool)
    def _on_publish_asked(self, repository: str, public: bool) -> None:
        self._publish.show_address("")
        self.jobs.start("push", {}, repository=repository, public=public)

    @Slot()
    def _on_format_changed(self) -> None:
        self._show_cards()

    @Slot(str)
    def _on_table_changed(self, table: str) -> None:
        if self.isVisible():
            self._facts = export_facts(self.session.project)
            self._show_cards()

    @Slot(object)
    def _on_job_started(self, job: Job) -> None:
        self._show_cards()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        summary = job.summary or {}
        if job.stage == "import-run" and job.ended_well:
            text = self.tr("{run} is back. Train shows its curves, and Compare what it is worth.")
            self.feedback.say(text.format(run=summary["run"]))
        if job.stage == "push":
            self._publish.show_address(str(summary.get("path", "")) if job.ended_well else "")
            self._show_cards()
        if self._saving is None or job.stage not in ("export", "bundle", "pairs-export"):
            return
        (name, out), self._saving = self._saving, None
        if job.ended_well:
            self._remember(name, out)
            if "int8" in summary:
                self.feedback.say(summary["int8"])
            self._show_saved(name)
            self._show_snippet()
        self._show_cards()
