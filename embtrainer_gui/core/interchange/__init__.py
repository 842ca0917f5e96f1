"""Files of question-answer pairs, in and out, as the predecessor wrote and read them."""

from embtrainer_gui.core.interchange.records_in import (
    ImportedPair,
    PairFile,
    RejectedRow,
    RowNote,
    document_name,
    passage_text,
    read_pairs,
)
from embtrainer_gui.core.interchange.records_out import ExportPair, export_pair, write_json, write_jsonl

__all__ = [
    "ExportPair",
    "ImportedPair",
    "PairFile",
    "RejectedRow",
    "RowNote",
    "document_name",
    "export_pair",
    "passage_text",
    "read_pairs",
    "write_json",
    "write_jsonl",
]
