"""The works that the methods paragraph rests on: only those whose methods this project really used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SENTENCE_BERT = (
    "Reimers, N. and Gurevych, I. (2019). Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks. EMNLP-IJCNLP"
    " 2019, 3982-3992. doi:10.18653/v1/D19-1410"
)
TRANSFORMERS = (
    "Wolf, T. et al. (2020). Transformers: State-of-the-Art Natural Language Processing. EMNLP 2020, System"
    " Demonstrations, 38-45. doi:10.18653/v1/2020.emnlp-demos.6"
)
MINILM = (
    "Wang, W. et al. (2020). MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of Pre-Trained"
    " Transformers. NeurIPS 2020. arXiv:2002.10957"
)
IN_BATCH = (
    "Henderson, M. et al. (2017). Efficient Natural Language Response Suggestion for Smart Reply. arXiv:1705.00652"
)
CONTRASTIVE = (
    "Hadsell, R., Chopra, S. and LeCun, Y. (2006). Dimensionality Reduction by Learning an Invariant Mapping. CVPR"
    " 2006, 1735-1742. doi:10.1109/CVPR.2006.100"
)
BM25 = (
    "Robertson, S. and Zaragoza, H. (2009). The Probabilistic Relevance Framework: BM25 and Beyond. Foundations and"
    " Trends in Information Retrieval 3(4), 333-389. doi:10.1561/1500000019"
)
BM25S = "Lù, X. H. (2024). BM25S: Orders of magnitude faster lexical search via eager sparse scoring. arXiv:2407.03618"
FUSION = (
    "Cormack, G. V., Clarke, C. L. A. and Büttcher, S. (2009). Reciprocal rank fusion outperforms Condorcet and"
    " individual rank learning methods. SIGIR 2009, 758-759. doi:10.1145/1571941.1572114"
)
NDCG = (
    "Järvelin, K. and Kekäläinen, J. (2002). Cumulated gain-based evaluation of IR techniques. ACM Transactions on"
    " Information Systems 20(4), 422-446. doi:10.1145/582415.582418"
)
BOOTSTRAP = "Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall"
MATRYOSHKA = "Kusupati, A. et al. (2022). Matryoshka Representation Learning. NeurIPS 2022. arXiv:2205.13147"
LORA = "Hu, E. J. et al. (2022). LoRA: Low-Rank Adaptation of Large Language Models. ICLR 2022. arXiv:2106.09685"
MIXTURE = "Wortsman, M. et al. (2022). Robust fine-tuning of zero-shot models. CVPR 2022. arXiv:2109.01903"
SPACY = (
    "Honnibal, M. et al. (2020). spaCy: Industrial-strength Natural Language Processing in Python."
    " doi:10.5281/zenodo.1212303"
)
GROBID = (
    "Lopez, P. (2009). GROBID: Combining Automatic Bibliographic Data Recognition and Term Extraction for Scholarship"
    " Publications. ECDL 2009, LNCS 5714, 473-474. doi:10.1007/978-3-642-04346-8_62"
)


def references_text(record: Mapping[str, Any]) -> str:
    """One reference a line, by author, from the object of ``stages.project_record`` with a training run."""
    return "References\n\n" + "".join(f"{line}.\n" for line in sorted(set(_used(record))))


def _used(record: Mapping[str, Any]) -> Iterator[str]:
    data, training, compared = record["data"], record["training"], record["comparison"]
    yield from (SENTENCE_BERT, TRANSFORMERS, NDCG)
    if any(source.startswith("builtin") for source in data["accepted_by_source"]):
        yield SPACY
    if any("grobid" in extractor or extractor == "tei" for extractor in data.get("read_by", {})):
        yield GROBID
    yield from _of_training(training)
    if compared:
        yield BOOTSTRAP
        if "bm25" in compared["models"]:
            yield from (BM25, BM25S)
        if "hybrid" in compared["models"]:
            yield FUSION


def _of_training(training: Mapping[str, Any]) -> Iterator[str]:
    config = training["config"]
    if "minilm" in str((training.get("lineage") or {}).get("original") or config["base_model"]).lower():
        yield MINILM
    beside = config.get("answer_weight") or config.get("title_weight")
    if config["loss"] == "MultipleNegativesRankingLoss" or beside:
        yield IN_BATCH
    if config["loss"] in ("ContrastiveLoss", "OnlineContrastiveLoss"):
        yield CONTRASTIVE
    if config.get("lexical") or (training.get("hard_negatives") or {}).get("kept"):
        yield from (BM25, BM25S)
    if config.get("matryoshka"):
        yield MATRYOSHKA
    if config.get("lora_rank"):
        yield LORA
    if 0 < training["share_of_tuned_weights"] < 1:
        yield MIXTURE
