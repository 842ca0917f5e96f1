"""LoRA: small adapters beside frozen weights are all that trains; what is saved is the model with them merged in.

Hu et al. 2021 (arXiv 2106.09685), with the layers of the package peft, which is optional. Adapters lie on every linear
map inside the repeated layers of the model.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.lora import refuse_without_peft
from embtrainer_gui.core.translate import mark

ADAPTER = "adapter/"  # in a checkpoint: the adapters of its model, the mean where there is one
SCALING = 2  # alpha / rank: the usual
_IN_A_LAYER = re.compile(r"\b(?:layers?|h|blocks?)\.\d+\.")


def add_adapters(model: SentenceTransformer, rank: int) -> None:
    """Freeze ``model`` and put adapters of ``rank`` on it, which change nothing yet; 0 does neither.

    Drawn from torch's generator. Raises UserError without peft, or where the model has no place for them.
    """
    if not rank:
        return
    refuse_without_peft(rank)
    from peft import LoraConfig, inject_adapter_in_model

    network = _network(model)
    places = [
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear) and _IN_A_LAYER.search(f"{name}.")
    ]
    if not places:
        raise UserError(
            mark("This model has no layers that adapters can be put on."),
            mark("Set the rank of the adapters (lora_rank) to 0."),
        )
    inject_adapter_in_model(LoraConfig(r=rank, lora_alpha=SCALING * rank, target_modules=places), network)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("lora_" in name)
    model.eval()


def adapter_tensors(model: SentenceTransformer) -> dict[str, Tensor]:
    """The adapters of a model for a checkpoint, on the CPU; empty where it has none."""
    found = model.state_dict()
    return {ADAPTER + name: value.detach().cpu().clone() for name, value in found.items() if "lora_" in name}


@torch.no_grad()
def restore_adapters(model: SentenceTransformer, tensors: dict[str, Tensor]) -> None:
    """Take what ``adapter_tensors`` gave out of ``tensors`` and put it into ``model``."""
    state = model.state_dict()
    for name in [name for name in tensors if name.startswith(ADAPTER)]:
        state[name.removeprefix(ADAPTER)].copy_(tensors.pop(name))


def merged_model(model: SentenceTransformer) -> SentenceTransformer:
    """A copy with the adapters merged into its weights, as any model is; ``model`` itself where it has none."""
    if not any("lora_" in name for name, _ in model.named_parameters()):
        return model
    from peft.tuners.tuners_utils import BaseTunerLayer

    whole = copy.deepcopy(model)
    adapted: list[tuple[str, Any]] = [(n, m) for n, m in whole.named_modules() if isinstance(m, BaseTunerLayer)]
    for name, layer in adapted:
        layer.merge()
        parent, _, child = name.rpartition(".")
        setattr(whole.get_submodule(parent), child, layer.get_base_layer())
    return whole


def _network(model: SentenceTransformer) -> nn.Module:
    """The transformer inside."""
    network = getattr(model[0], "model", None) or getattr(model[0], "auto_model", None)
    if not isinstance(network, nn.Module):
        raise UserError(
            mark("This model is no transformer, so adapters cannot be put on it."),
            mark("Set the rank of the adapters (lora_rank) to 0."),
        )
    return network
