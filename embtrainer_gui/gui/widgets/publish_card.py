"""Put the tuned model on a hub, under a name that others load it by."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.core.hub_address import endpoint, host_of
from embtrainer_gui.gui.widgets.basics import ElidedLabel, Icon, button, label, row
from embtrainer_gui.gui.widgets.question import Answer, Question


class PublishCard(QFrame):
    """``publish_asked`` has the name of the repository and whether anyone may see it, once that was confirmed."""

    publish_asked = Signal(str, bool)
    open_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("export.card-hub")
        self.setProperty("role", "card")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._available = False
        self.holds = label("", "secondary", wrap=True)
        self.holds.setObjectName("export.holds-hub")
        self.name = QLineEdit()
        self.name.setObjectName("export.hub-name")
        self.name.setAccessibleName(self.tr("Repository"))
        self.name.setPlaceholderText(self.tr("owner/name"))
        self.public = QCheckBox(self.tr("Anyone may see it"))
        self.public.setObjectName("export.hub-public")
        self.upload = button(self.tr("Upload..."), "", "export", "export.hub-upload")
        self.open = button(self.tr("Open"), "link", name="export.open-hub")
        self.where = ElidedLabel("", "good")
        self.where.setObjectName("export.where-hub")
        self._went = QWidget()
        line = row(Icon("check", "good"), self.where, self.open)
        line.setStretch(1, 1)
        self._went.setLayout(line)
        self._went.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(label(self.tr("Publish the model"), "section"))
        purpose = self.tr("For others to load by a name: the model and its card go to {host}.")
        layout.addWidget(label(purpose.format(host=host_of(endpoint())), wrap=True))
        layout.addWidget(self.holds)
        layout.addStretch(1)
        controls = row(self.name, self.public, self.upload)
        controls.setStretch(0, 1)
        layout.addLayout(controls)
        layout.addWidget(self._went)
        self.name.textChanged.connect(self._on_name_changed)
        self.name.returnPressed.connect(self.upload.click)
        self.upload.clicked.connect(self._on_upload_clicked)
        self.open.clicked.connect(lambda: self.open_asked.emit(self.where.text()))

    def show_state(self, holds: str, *, available: bool, running: bool) -> None:
        self._available = available and not running
        self.holds.setText(holds)
        self.name.setEnabled(self._available)
        self.public.setEnabled(self._available)
        self.upload.setText(self.tr("Uploading...") if running else self.tr("Upload..."))
        self._on_name_changed()

    def show_address(self, address: str) -> None:
        """Where it went; nothing for ""."""
        self.where.setText(address)
        self._went.setVisible(bool(address))

    @Slot()
    def _on_name_changed(self) -> None:
        owner, slash, name = self.name.text().strip().partition("/")
        self.upload.setEnabled(self._available and bool(owner and slash and name))

    @Slot()
    def _on_upload_clicked(self) -> None:
        name, public = self.name.text().strip(), self.public.isChecked()
        text = self.tr(
            "The model's files, and a card with its settings, counts and scores, are sent to {host} as {name}, with the"
            " key in HF_TOKEN or that of “hf auth login”. No text of a paper and no question goes along."
        )
        seen = self.tr("Anyone can see and load it.") if public else self.tr("Only you and your group can see it.")
        answers = (Answer("cancel", self.tr("Cancel")), Answer("upload", self.tr("Upload"), "primary"))
        question = Question(
            self, self.tr("Upload the model?"), text.format(host=host_of(endpoint()), name=name) + " " + seen, answers
        )
        if question.ask() == "upload":
            self.publish_asked.emit(name, public)
