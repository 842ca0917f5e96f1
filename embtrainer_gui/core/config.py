"""Frozen configs of each stage: bounds, defaults and the help text of every field (forms and the manual read it)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from embtrainer_gui.core.compared_models import MOST as MOST_COMPARED
from embtrainer_gui.core.compared_models import USUAL, checked_models
from embtrainer_gui.core.generate_config import GenerateConfig as GenerateConfig
from embtrainer_gui.core.page_range import checked_range
from embtrainer_gui.core.search_config import CopiesConfig as CopiesConfig
from embtrainer_gui.core.search_config import MapConfig as MapConfig
from embtrainer_gui.core.search_config import SearchConfig as SearchConfig
from embtrainer_gui.core.search_config import SearchModel as SearchModel
from embtrainer_gui.core.stage_config import StageConfig as StageConfig
from embtrainer_gui.core.translate import mark

BUNDLED_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
Loss = Literal["MultipleNegativesRankingLoss", "ContrastiveLoss", "OnlineContrastiveLoss", "CosineSimilarityLoss"]
LOSSES: tuple[Loss, ...] = get_args(Loss)
IncludedKind = Literal["caption", "table", "formula", "code", "footnote", "front", "acknowledgement", "reference"]
"""Kinds of passages (``records.BlockKind``) that are read but searched only where a switch says so."""


def _words(value: Any) -> Any:
    """``"256, 64"`` of a command line as a list."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _descending(value: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(value), reverse=True))


Dimensions = Annotated[
    tuple[Annotated[int, Field(ge=8, le=8192)], ...], BeforeValidator(_words), AfterValidator(_descending)
]


Extractor = Literal["auto", "text", "layout", "ocr", "grobid", "vision", "docling"]
"""What reads a PDF: ``auto`` looks at each file and chooses text, layout or ocr; the others are used where asked for."""


class ImportConfig(StageConfig):
    passage_tokens: Annotated[
        int, Field(ge=32, le=512, description=mark("Length that passages are cut to, in the base model's tokens."))
    ] = 180
    max_tokens: Annotated[
        int,
        Field(
            ge=64,
            le=8192,
            description=mark(
                "The model's limit: no passage is longer, except rows of corpus.jsonl, which are never cut."
            ),
        ),
    ] = 256
    include: Annotated[
        tuple[IncludedKind, ...],
        Field(description=mark("Parts of a paper to search besides its body; for all papers of the project.")),
    ] = ()
    workers: Annotated[
        int, Field(ge=0, le=64, description=mark("Child processes that read PDFs; 0 takes one for each processor."))
    ] = 0
    file_seconds: Annotated[
        float, Field(ge=1, le=3600, description=mark("Time limit for one file, in seconds; each page adds 0.05 s."))
    ] = 20.0
    page_seconds: Annotated[float, Field(ge=1, le=600, description=mark("Time limit for one page, in seconds."))] = 10.0
    memory_mb: Annotated[
        int, Field(ge=1024, le=65536, description=mark("Address space that a reading process may use, in MB."))
    ] = 2048
    max_pages: Annotated[
        int,
        Field(ge=1, le=100_000, description=mark("Pages read of one file; the state says so where there are more.")),
    ] = 2000
    max_characters: Annotated[int, Field(ge=1000, le=100_000_000, description=mark("Characters read of one file."))] = (
        2_000_000
    )
    max_file_mb: Annotated[int, Field(ge=1, le=4096, description=mark("Largest file that is read, in MB."))] = 200
    extractor: Annotated[
        Extractor,
        Field(
            description=mark(
                "What reads the PDFs; auto looks at each page and takes text recognition (ocr) for scans and layout for"
                " pages that need it."
            )
        ),
    ] = "auto"
    pages: Annotated[
        str,
        AfterValidator(checked_range),
        Field(
            max_length=200,
            description=mark("Pages to read, such as 1-5,8 or 3-; left empty, all of them."),
        ),
    ] = ""
    recognition_seconds: Annotated[
        float,
        Field(
            ge=5,
            le=3600,
            description=mark(
                "Time limit for one page of a scan or for a vision model, and for GROBID on a paper, in seconds."
            ),
        ),
    ] = 120.0
    grobid_url: Annotated[
        str, Field(max_length=500, description=mark("Address of the GROBID server, such as http://localhost:8070."))
    ] = "http://localhost:8070"
    vision_url: Annotated[
        str,
        Field(max_length=500, description=mark("Address of the server with the vision model (Ollama or OpenAI-like).")),
    ] = "http://localhost:11434"
    vision_model: Annotated[str, Field(max_length=200, description=mark("Name of the vision model on its server."))] = (
        ""
    )
    vision_dpi: Annotated[
        int, Field(ge=72, le=400, description=mark("Resolution of the page pictures that the vision model sees."))
    ] = 200
    vision_quality: Annotated[
        float,
        Field(ge=0, le=1, description=mark("Quality from 0 to 1 below which a page is tried again in another way.")),
    ] = 0.6
    vision_retries: Annotated[
        int, Field(ge=0, le=10, description=mark("Further tries of a page that was read badly; the best one is kept."))
    ] = 3


class SplitConfig(StageConfig):
    train: Annotated[
        float, Field(gt=0, lt=1, description=mark("Share of the papers whose questions train the model."))
    ] = 0.7
    dev: Annotated[
        float, Field(gt=0, lt=1, description=mark("Share of the papers that choose the best checkpoint."))
    ] = 0.1
    seed: Annotated[int, Field(ge=0, description=mark("Number that decides which papers go where."))] = 42


EARLIER = {"soup": 1, "stand_ins": 0.0}
"""What runs of earlier versions did, where it is not what the defaults say."""


class TrainConfig(StageConfig):
    base_model: Annotated[
        str,
        Field(
            min_length=1,
            description=mark(
                "Model to start from: a name, a folder, or an earlier run of this project, such as run-1."
            ),
        ),
    ] = BUNDLED_MODEL
    loss: Annotated[
        Loss,
        Field(
            description=mark(
                "What training makes smaller. Multiple negatives tells each passage from all others of its batch and"
                " is the one to take; the other three learn from single right and wrong pairs."
            )
        ),
    ] = "MultipleNegativesRankingLoss"
    hard_negatives: Annotated[
        int | None,
        Field(
            ge=0,
            le=10,
            description=mark(
                "Wrong but similar passages that each question is trained with, found before training by the untrained"
                " model and by BM25. Left out, it is none under multiple negatives and 2 under the other losses."
            ),
        ),
    ] = None
    negative_margin: Annotated[
        float,
        Field(
            ge=0,
            le=0.9,
            description=mark(
                "A wrong passage must be less similar to its question than the right one by at least this share, or"
                " it may be right as well: 0.05 takes those of up to 95 % of the right one's score."
            ),
        ),
    ] = 0.05
    random_negatives: Annotated[
        int,
        Field(ge=0, le=50, description=mark("Passages of other papers that each question is told are wrong.")),
    ] = 2
    contrastive_margin: Annotated[
        float | None,
        Field(
            gt=0,
            le=2,
            description=mark(
                "Wrong passages are pushed away until they are this far (1 - cosine) from the question. Left out, it is"
                " a distance that holds most of them where they are under the untrained model; less lets all texts come"
                " nearer to each other."
            ),
        ),
    ] = None
    epochs: Annotated[
        int, Field(ge=1, le=100, description=mark("Times that training sees every passage in a round."))
    ] = 2
    soup: Annotated[
        int,
        Field(
            ge=1,
            le=10,
            description=mark(
                "Rounds that each start from the same model, with other batches; the weights of all are averaged (a"
                " model soup). Two find more and forget less than one, and take twice as long."
            ),
        ),
    ] = 2
    batch_size: Annotated[
        int,
        Field(
            ge=2,
            le=4096,
            description=mark(
                "Distinct passages in a batch, each with all its questions; the others are its wrong answers."
            ),
        ),
    ] = 16
    learning_rate: Annotated[float, Field(gt=0, le=1e-2, description=mark("Size of a training step at its peak."))] = (
        1e-4
    )
    layer_decay: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description=mark(
                "Each layer learns at this share of the rate of the layer above it, so that the lowest ones, which know"
                " the language, change least; 1 treats all alike."
            ),
        ),
    ] = 0.85
    warmup_ratio: Annotated[
        float, Field(ge=0, le=0.5, description=mark("Share of a round's steps over which the learning rate rises."))
    ] = 0.1
    weight_decay: Annotated[float, Field(ge=0, le=1, description=mark("Pull of the weights towards zero."))] = 0.01
    max_grad_norm: Annotated[float, Field(gt=0, le=100, description=mark("Longest gradient of one step."))] = 1.0
    scale: Annotated[
        float, Field(gt=0, le=200, description=mark("Factor on the cosine inside the loss (1 / temperature)."))
    ] = 20.0
    max_seq_length: Annotated[
        int,
        Field(
            ge=16,
            le=8192,
            description=mark(
                "Longest text in tokens; the rest is not read. The same in training, comparing and searching."
            ),
        ),
    ] = 256
    remember: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description=mark(
                "How strongly the model keeps the untrained model's ranking of general questions; 0 lets it forget."
            ),
        ),
    ] = 0.45
    lexical: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description=mark(
                "How strongly the model learns to value rare words, from the BM25 ranking of general questions; 0 does not."
            ),
        ),
    ] = 0.6
    query_prompt: Annotated[
        str,
        Field(
            max_length=500,
            description=mark(
                "Words put before each question, in training, comparing and searching alike, as models such as E5 want"
                ' them ("query:"); a space follows. Left empty, they are the model\'s own.'
            ),
        ),
    ] = ""
    passage_prompt: Annotated[
        str,
        Field(
            max_length=500,
            description=mark(
                'Words put before each passage ("passage:"); a space follows. Left empty, they are the model\'s own.'
            ),
        ),
    ] = ""
    answer_weight: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description=mark(
                "How strongly the model also learns to find the answer of a question among the answers of the batch,"
                " beside its passage (1); 0 does not."
            ),
        ),
    ] = 0.0
    title_weight: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description=mark(
                "How strongly the model also learns to find a paper's abstract, or its first passage, by the paper's"
                " title; 0 does not."
            ),
        ),
    ] = 0.0
    excerpt_weight: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description=mark(
                "How strongly the model also learns to find each passage by phrases cut out of it, beside its questions"
                " (1); 0 does not."
            ),
        ),
    ] = 0.0
    stand_ins: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            description=mark(
                "Passages of the training papers that no question asks for are trained on by a phrase cut out of each, up"
                " to this many for each passage with a question; 0 leaves them out."
            ),
        ),
    ] = 1.5
    matryoshka: Annotated[
        Dimensions,
        Field(
            max_length=8,
            description=mark(
                "Dimensions, such as 256, 128, 64, to which the vectors of the model may later be cut (Matryoshka): the"
                " loss is the mean over the whole vectors and these. Left empty, only whole vectors are trained."
            ),
        ),
    ] = ()
    lora_rank: Annotated[
        int,
        Field(
            ge=0,
            le=256,
            description=mark(
                "Trains small adapters of this rank instead of the weights (LoRA), with less memory for large models;"
                " needs the package peft. 0 trains all weights."
            ),
        ),
    ] = 0
    average_from: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description=mark(
                "Share of a round after which the weights of all further steps are averaged; 1 takes the last."
            ),
        ),
    ] = 0.4
    evaluations: Annotated[
        int, Field(ge=1, le=100, description=mark("Times that the dev questions are searched during a run."))
    ] = 5
    checkpoints: Annotated[int, Field(ge=1, le=20, description=mark("Checkpoints kept of a run."))] = 3
    seed: Annotated[int, Field(ge=0, description=mark("Number that decides the order of the batches."))] = 42


class CompareConfig(StageConfig):
    models: Annotated[
        tuple[str, ...],
        BeforeValidator(_words),
        AfterValidator(checked_models),
        Field(
            max_length=MOST_COMPARED,
            description=mark(
                "What to compare, two or more of base (untrained), tuned (the newest run), run:NAME, bm25, hybrid (tuned"
                " and BM25) and hybrid:NAME; the others are held against the first."
            ),
        ),
    ] = USUAL
    top: Annotated[int, Field(ge=10, le=1000, description=mark("Hits that are ranked for each question."))] = 100
    resamples: Annotated[
        int, Field(ge=100, le=100_000, description=mark("Resamples of the bootstrap that gives the interval."))
    ] = 10_000
    seed: Annotated[int, Field(ge=0, description=mark("Number that decides the resamples."))] = 42
