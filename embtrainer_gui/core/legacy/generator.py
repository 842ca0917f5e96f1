"""``config/qa_generator.json``. A key in it is never used, kept or shown: keys do not belong in files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.legacy.fields import Keys, read_object
from embtrainer_gui.core.legacy.statements import SPELLINGS
from embtrainer_gui.core.translate import mark

_SECRET = re.compile(r"(^|_)api_?key$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LegacyGeneratorConfig:
    """Paths are relative to the current folder; the names of files are relative to ``output_dir``."""

    input_dir: Path
    output_dir: Path
    model: str
    base_url: str
    jsonl_output: str
    progress_file: str
    log_file: str
    max_retries: int
    api_delay: float  # seconds
    warnings: tuple[str, ...]
    raw: dict[str, Any]  # all keys of the file in order, notes and unknown ones too; no secret

    def write_back(self, path: Path) -> None:
        """Write the same keys and values; secrets are left out."""
        atomic_write_json(path, self.raw)


def read_generator_config(path: Path) -> LegacyGeneratorConfig:
    """Read the config; what it lacks has the scripts' defaults. Both spellings of the input folder are found
    by ``statements.read_statements``.

    Raises:
        UserError: no such file, not JSON, or a value of the wrong type.
        EnvironmentProblem: it cannot be read.
    """
    values = read_object(path)
    secrets = [key for key in values if _SECRET.search(key)]
    raw = {key: value for key, value in values.items() if key not in secrets}
    keys = Keys(path, raw)
    retries, delay = keys.whole("max_retries"), keys.number("api_delay")
    return LegacyGeneratorConfig(
        input_dir=Path(keys.text("input_dir", SPELLINGS[0])),
        output_dir=Path(keys.text("output_dir", "data/qa_outputs/jsonl")),
        model=keys.text("model", "deepseek-r1:1.5b"),
        base_url=keys.text("base_url", "http://localhost:11434/v1"),
        jsonl_output=keys.text("jsonl_output", "questions_answers.jsonl"),
        progress_file=keys.text("progress_file", "progress.json"),
        log_file=keys.text("log_file", "qa_generation.log"),
        max_retries=5 if retries is None else retries,
        api_delay=1.0 if delay is None else delay,
        warnings=tuple(
            mark("{key} in {path} is not used and not kept: a key does not belong in a file.").format(
                key=key, path=path
            )
            for key in secrets
        ),
        raw=raw,
    )
