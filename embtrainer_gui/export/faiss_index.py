"""A FAISS index with what each row is and the few lines that search it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.new_folder import new_folder

LOADER = '''"""Search this index: python search_index.py MODEL "question" (needs faiss-cpu, sentence-transformers)."""
import json
import sys
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer

here = Path(__file__).parent
index = faiss.read_index(str(here / "passages.faiss"))
rows = [json.loads(line) for line in (here / "passages.jsonl").open(encoding="utf-8")]
model = SentenceTransformer(sys.argv[1])
model.max_seq_length = {max_seq_length}
scores, found = index.search(model.encode_query([sys.argv[2]], normalize_embeddings=True), 10)
for score, row in zip(scores[0], map(rows.__getitem__, found[0])):
    print(f"{{score:.3f}}  {{row['document']}}, page {{row['page']}}: {{' '.join(row['text'].split())[:160]}}")
'''


def write_faiss(out: Path, vectors: NDArray[np.float32], rows: Iterable[dict[str, Any]], max_seq_length: int) -> None:
    """Write ``passages.faiss`` (exact inner product), ``passages.jsonl`` and ``search_index.py`` into ``out``.

    Args:
        vectors: (n, d), L2-normalised, so that the inner product is the cosine.
        rows: what row n is.

    Raises:
        UserError: ``out`` is there and not empty.
        EnvironmentProblem: ``out`` cannot be written.
    """
    import faiss

    with new_folder(out) as draft:
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        (draft / "passages.faiss").write_bytes(faiss.serialize_index(index).tobytes())
        with (draft / "passages.jsonl").open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        (draft / "search_index.py").write_text(LOADER.format(max_seq_length=max_seq_length), encoding="utf-8")
