"""Vectors of texts, without torch: from embed import embed (needs onnxruntime, tokenizers and numpy)."""
import json
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

here = Path(__file__).parent
told = json.loads((here / "embedding.json").read_text(encoding="utf-8"))
tokenizer = Tokenizer.from_file(str(here / "tokenizer.json"))
tokenizer.enable_truncation(told["max_seq_length"])
tokenizer.enable_padding(pad_id=told["pad_id"], pad_token=told["pad_token"], direction=told["padding_side"])
model = onnxruntime.InferenceSession(str(here / told["file"]))


def embed(texts, task="document", model=model):
    """L2-normalised vectors (n, d); task is "query" for questions. Give it some 32 texts at a time."""
    found = tokenizer.encode_batch([told["prompts"].get(task, "") + text for text in texts])
    columns = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
    rows = {i.name: np.array([getattr(each, columns[i.name]) for each in found], np.int64) for i in model.get_inputs()}
    return model.run(None, rows)[0]
