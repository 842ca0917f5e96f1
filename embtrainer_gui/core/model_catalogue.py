"""Models that training can start from: what each is, and where every figure was read. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.core.translate import mark

HUB = "https://huggingface.co"
MTEB = "https://github.com/embeddings-benchmark/mteb"  # its model descriptions, package mteb 2.26.24
SBERT = "https://www.sbert.net/docs/sentence_transformer/pretrained_models.html"
BGE_TABLE = f"{HUB}/BAAI/bge-small-en-v1.5"  # compares most of these models on the same benchmark
ARCTIC_TABLE = f"{HUB}/Snowflake/snowflake-arctic-embed-s"
INSTRUCTION = "Represent this sentence for searching relevant passages: "


@dataclass(frozen=True, slots=True)
class Figure:
    """A published number and the address that it was read at."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """``revision`` is the commit of the hub's repository ``name`` that is downloaded.

    ``megabytes`` (10^6 bytes) are the weights in safetensors, ``max_tokens`` what it was made for, ``search`` its mean
    nDCG@10 (times 100) on the 15 retrieval sets of MTEB, ``sbert_search`` the mean on the 6 search sets of SBERT,
    ``speed`` sentences a second on one V100; each None where no published figure was found. The prompts are what its
    authors put before questions and passages.
    """

    name: str
    revision: str
    note: str
    parameters: Figure
    megabytes: Figure
    dimension: int
    max_tokens: Figure
    licence: str
    search: Figure | None = None
    sbert_search: Figure | None = None
    speed: Figure | None = None
    query_prompt: str = ""
    passage_prompt: str = ""

    @property
    def short_name(self) -> str:
        return self.name.rsplit("/", 1)[-1]

    @property
    def card(self) -> str:
        """The page that says everything about the model."""
        return f"{HUB}/{self.name}"


def _files(name: str) -> str:
    return f"{HUB}/{name}/tree/main"


CATALOGUE: tuple[CatalogueModel, ...] = (
    CatalogueModel(
        BUNDLED_MODEL,
        "8b3219a92973c328a8e22fadcfa821b5dc75636a",
        mark("Small and fast; a good start."),
        Figure(22_713_216, MTEB),
        Figure(90.9, _files(BUNDLED_MODEL)),
        384,
        Figure(256, SBERT),
        "Apache-2.0",
        search=Figure(41.95, BGE_TABLE),
        sbert_search=Figure(49.54, SBERT),
        speed=Figure(14_200, SBERT),
    ),
    CatalogueModel(
        "sentence-transformers/multi-qa-MiniLM-L6-cos-v1",
        "b207367332321f8e44f96e224ef15bc607f4dbf0",
        mark("As small, trained on questions and their answers."),
        Figure(22_713_216, MTEB),
        Figure(90.9, _files("sentence-transformers/multi-qa-MiniLM-L6-cos-v1")),
        384,
        Figure(512, SBERT),
        "Apache-2.0",
        sbert_search=Figure(51.83, SBERT),
        speed=Figure(14_200, SBERT),
    ),
    CatalogueModel(
        "sentence-transformers/all-mpnet-base-v2",
        "9a3225965996d404b775526de6dbfe85d3368642",
        mark("Larger and about five times slower."),
        Figure(109_486_464, MTEB),
        Figure(438, MTEB),
        768,
        Figure(384, SBERT),
        "Apache-2.0",
        search=Figure(43.81, BGE_TABLE),
        sbert_search=Figure(57.02, SBERT),
        speed=Figure(2_800, SBERT),
    ),
    CatalogueModel(
        "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        "e8f8c211226b894fcb81acc59f3b34ba3efd5f42",
        mark("For papers in more than 50 languages; short passages."),
        Figure(117_653_760, MTEB),
        Figure(471, _files("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2")),
        384,
        Figure(128, SBERT),
        "Apache-2.0",
        sbert_search=Figure(39.19, SBERT),
        speed=Figure(7_500, SBERT),
    ),
    CatalogueModel(
        "Snowflake/snowflake-arctic-embed-xs",
        "742da4f66e1823b5b4dbe6c320a1375a1fd85f9e",
        mark("The size of the bundled model, made for search."),
        Figure(22_713_216, MTEB),
        Figure(90.3, _files("Snowflake/snowflake-arctic-embed-xs")),
        384,
        Figure(512, MTEB),
        "Apache-2.0",
        search=Figure(50.15, ARCTIC_TABLE),
        query_prompt=INSTRUCTION,
    ),
    CatalogueModel(
        "Snowflake/snowflake-arctic-embed-s",
        "d3c1d2d433dd0fdc8e9ca01331a5f225639e798f",
        mark("Twelve layers, made for search."),
        Figure(33_360_000, MTEB),
        Figure(133, MTEB),
        384,
        Figure(512, MTEB),
        "Apache-2.0",
        search=Figure(51.98, ARCTIC_TABLE),
        query_prompt=INSTRUCTION,
    ),
    CatalogueModel(
        "BAAI/bge-small-en-v1.5",
        "5c38ec7c405ec4b44b94cc5a9bb96e735b38267a",
        mark("Twelve layers, made for search."),
        Figure(33_400_000, MTEB),
        Figure(133, MTEB),
        384,
        Figure(512, MTEB),
        "MIT",
        search=Figure(51.68, BGE_TABLE),
        query_prompt=INSTRUCTION,
    ),
    CatalogueModel(
        "intfloat/e5-small-v2",
        "dca8b1a9dae0d4575df2bf423a5edb485a431236",
        mark("Twelve layers; wants a prompt before both questions and passages."),
        Figure(33_000_000, MTEB),
        Figure(133, _files("intfloat/e5-small-v2")),
        384,
        Figure(512, MTEB),
        "MIT",
        search=Figure(49.04, BGE_TABLE),
        query_prompt="query: ",
        passage_prompt="passage: ",
    ),
    CatalogueModel(
        "thenlper/gte-small",
        "17e1f347d17fe144873b1201da91788898c639cd",
        mark("Twelve layers in half the bytes."),
        Figure(33_360_512, MTEB),
        Figure(67, MTEB),
        384,
        Figure(512, MTEB),
        "MIT",
        search=Figure(49.46, BGE_TABLE),
    ),
    CatalogueModel(
        "ibm-granite/granite-embedding-small-english-r2",
        "54a8d2616a0844355a5164432d3f6dafb37b17a3",
        mark("A newer design (ModernBERT) that reads long passages whole."),
        Figure(47_662_464, MTEB),
        Figure(95, MTEB),
        384,
        Figure(8192, MTEB),
        "Apache-2.0",
    ),
)


def in_catalogue(name: str) -> CatalogueModel | None:
    """The model of that name, with or without what stands before the slash."""
    return next((model for model in CATALOGUE if name in (model.name, model.short_name)), None)
