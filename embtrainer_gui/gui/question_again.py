"""Another question for a pair, by the generator of the Questions page; it replaces nothing before it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from PySide6.QtCore import QObject, Signal

from embtrainer_gui.core.generate_config import GenerateConfig
from embtrainer_gui.core.keys import key_at_hand
from embtrainer_gui.core.store.decisions import Texts

if TYPE_CHECKING:
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session

SETUP = "questions"  # where the project keeps what was chosen for making questions


class QuestionAgain(QObject):
    """Signal ``proposed(pair id, Texts)`` when the generator has made one; what failed the job manager says."""

    proposed = Signal(int, object)

    def __init__(self, session: Session, jobs: JobManager, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._job: Job | None = None
        jobs.job_ended.connect(self._on_jobs_job_ended)

    def ask(self, pair_id: int) -> bool:
        """Start making one; False, with a banner, while another job runs."""
        config = self._config()
        job = self._jobs.start("regenerate", config, key=key_at_hand(config.base_url), pair=pair_id)
        self._job = job or self._job  # the one that runs may be an earlier one of ours
        return job is not None

    def _config(self) -> GenerateConfig:
        kept: dict[str, Any] = self._session.kept(SETUP).get("config", {})
        try:
            return GenerateConfig.model_validate(kept)
        except ValidationError:  # half typed, or of another version
            return GenerateConfig()

    def _on_jobs_job_ended(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job = None
        if job.summary is not None and self._session.is_open:
            made = job.summary
            self.proposed.emit(int(made["pair"]), Texts(str(made["question"]), str(made["answer"])))
