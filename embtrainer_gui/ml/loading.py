"""Loading a sentence-transformers model: safetensors only, no code from the folder, no network."""

from __future__ import annotations

from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.loading import end_loading
from embtrainer_gui.core.model_check import check_model_folder
from embtrainer_gui.core.model_limits import most_tokens
from embtrainer_gui.core.prompts import Prompts
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.device import chosen_device
from embtrainer_gui.ml.prompts import set_prompts
from embtrainer_gui.ml.shortage import ran_out

OWN = Prompts()  # the model's


def load_model(
    model_dir: Path, max_seq_length: int, device: str | None = None, prompts: Prompts = OWN
) -> SentenceTransformer:
    """The model in ``model_dir``, float32, in eval mode, cut to ``max_seq_length`` tokens or its own positions.

    ``device`` None takes what was chosen (``ml.device``), else a GPU where there is one; ``prompts`` are put before
    its texts. Raises UserError that names the model and the cure, or EnvironmentProblem where memory is short.
    """
    check_model_folder(model_dir)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(
            str(model_dir),
            device=device or chosen_device(),
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True, "dtype": torch.float32},
        )
    except Exception as problem:  # noqa: BLE001  libraries raise anything for a damaged folder
        if ran_out(problem):
            raise EnvironmentProblem(
                mark("There is not enough memory to load the model {name}."),
                mark("Close other programs, or choose a smaller model."),
                name=model_dir.name,
            ) from problem
        raise UserError(
            mark("The model {name} could not be loaded: {reason}"),
            mark("Copy or save the model again, or choose another one."),
            name=model_dir.name,
            reason=str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__,
        ) from problem
    if not all(bool(torch.isfinite(weights).all()) for weights in model.parameters()):
        raise UserError(
            mark("The model {name} is damaged: some of its weights are not numbers."),
            mark("Copy or save the model again, or choose another one."),
            name=model_dir.name,
        )
    told = model.config.to_dict() if model.config else {}
    model.max_seq_length = min(max_seq_length, most_tokens(told) or max_seq_length)
    set_prompts(model, prompts)
    model.eval()
    end_loading()
    return model
