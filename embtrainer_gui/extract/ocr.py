"""Text recognition of scanned pages: RapidOCR on onnxruntime, with the models (PP-OCRv6) inside its wheel.

Nothing is downloaded: the models are given by path. One thread: two reading processes with one thread each recognise
more pages than one with two. One line at a time: a batch pads its lines to the longest and costs a third more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import hypot
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from embtrainer_gui.core.records import ReadPage
from embtrainer_gui.extract.pdf_library import pymupdf
from embtrainer_gui.extract.pdf_lines import PageText, turned
from embtrainer_gui.extract.recognised import ASCENT, DESCENT, page_text
from embtrainer_gui.extract.recognition import MODELS

MOST_PIXELS = 40_000_000
POINTS_PER_INCH = 72
_DPI = 150
_SHORTEST, _LONGEST, _FINEST = 1750, 3300, 300  # pixels of the longer side, dots per inch
_DETECTION_SCALE = 1.14  # pixels a point that are enough to find lines
_LEAST_DETECTION = 960
_SQUEEZE = 0.8  # of the width of a line is enough to read it, in 0.8 of the time
_LEAST_SCORE = 0.5  # of a line: below it is a picture or dirt
_DOUBTFUL = 0.85  # of the longest lines: below it the page may stand on its head
_X_HEIGHT, _CAPITAL = 0.47, 0.7  # of the size
_TALL_LETTERS = frozenset("bdfhklt0123456789")
_WHITE, _DENSE = 0.1, 0.7  # of the ink of a row of small letters: between lines; in such a row, not in one above it
_TALL = 1.5  # height to width of a line that stands on its side

Image = np.ndarray[Any, np.dtype[np.uint8]]
Points = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A line; for each character but spaces where it stands in the line, 0 to 1, and how sure it is."""

    text: str
    places: list[float]
    scores: list[float]


class OcrReader:
    """Loads the models with the first page.

    ``score`` is how sure the recognition is of the last page, 0 to 1; None where it found no text.
    """

    def __init__(self) -> None:
        self.score: float | None = None

    def read_page(self, document: Any, number: int, dpi: int = 0) -> PageText:
        """Page ``number`` (from 1) of an open PyMuPDF document; ``dpi`` 0 chooses it by the size of the page.

        Raises what MuPDF raises for a page that cannot be drawn.
        """
        return page_text(self.recognise(document, number, dpi), *page_size(document, number))

    def recognise(self, document: Any, number: int, dpi: int = 0) -> ReadPage:
        """What ``read_page`` makes lines of."""
        try:
            found = _recognise(document, number, dpi)
        except (cv2.error, _engine().error) as problem:
            if "alloc" in str(problem) or "emory" in str(problem):
                raise MemoryError from None
            raise RuntimeError("the page cannot be recognised") from problem
        self.score = found.score
        return found


def _recognise(document: Any, number: int, dpi: int) -> ReadPage:
    """The lines of a page from top to bottom, whichever way they are turned."""
    page = document[number - 1]
    scale = _scale(page.rect.width, page.rect.height, dpi)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, colorspace=pymupdf.csGRAY)
    image: Image = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.stride)
    turn, image, quads = _upright(image[:, : pixmap.width], scale)
    height, width = image.shape
    texts, words, scores = [], [], []
    for quad in quads:
        crop = _crop(image, quad)
        reading = _read(crop)
        if not reading.text or sum(reading.scores) < _LEAST_SCORE * len(reading.scores):
            continue
        texts.append(reading.text)
        scores += reading.scores
        for box, word in zip(_word_boxes(quad, crop, reading), reading.text.split(), strict=True):
            x0, y0, x1, y1 = (round(value / scale, 2) for value in turned(box, 360 - turn, width, height))
            words.append((x0, y0, x1, y1, word))
    score = round(sum(scores) / len(scores), 4) if scores else None
    return ReadPage(number, "\n".join(texts), tuple(words), score)


def _upright(image: Image, scale: float) -> tuple[int, Image, list[Points]]:
    """How the text of the page is turned (see PageText.turn), the image with the text upright, and its lines."""
    turn = 0
    quads = _find(image, scale)
    sizes = [_size(quad) for quad in quads]
    tall = sum(height for width, height in sizes if height > _TALL * width)
    if tall > sum(width for width, height in sizes if height <= _TALL * width):
        turn, image = 90, np.rot90(image, -1)
        quads = _find(image, scale)
    longest = sorted(quads, key=lambda quad: -_size(quad)[0])[:3]
    crops = [_crop(image, quad) for quad in longest]
    score = _mean_score(crops)
    if crops and score < _DOUBTFUL and _mean_score([np.rot90(crop, 2) for crop in crops]) > score + 0.1:
        turn, image = turn + 180, np.rot90(image, 2)
        quads = _find(image, scale)
    return turn, image, [quad for quad in quads if _size(quad)[1] <= _TALL * _size(quad)[0]]


def _find(image: Image, scale: float) -> list[Points]:
    """The corners of each line, clockwise from the top left, in pixels; scale: pixels a point."""
    detector = _engine().detector
    detector.limit_side_len = max(_LEAST_DETECTION, round(max(image.shape) / scale * _DETECTION_SCALE))
    found = detector(_in_colours(image)).boxes
    return [] if found is None else [np.asarray(quad, dtype=np.float32) for quad in found]


def _mean_score(crops: list[Image]) -> float:
    scores = list(chain.from_iterable(_read(crop).scores for crop in crops))
    return sum(scores) / len(scores) if scores else 0.0


def _read(crop: Image) -> _Reading:
    height, width = crop.shape
    narrow = np.asarray(cv2.resize(crop, (max(1, round(width * _SQUEEZE)), height)), dtype=np.uint8)
    engine = _engine()
    found = engine.recogniser(engine.task(img=[_in_colours(narrow)], return_word_box=True))
    text, info = " ".join(found.txts[0].split()), found.word_results[0]
    columns = list(chain.from_iterable(info.word_cols))
    if not text or len(columns) != len(text.replace(" ", "")):
        return _Reading("", [], [])
    length = max(1.0, info.line_txt_len)
    return _Reading(text, [min(1.0, (column + 0.5) / length) for column in columns], list(info.confs))


class _Engine:
    """The two networks of RapidOCR; its own pipeline batches lines and turns each by itself."""

    def __init__(self) -> None:
        import onnxruntime
        import rapidocr
        from rapidocr.ch_ppocr_rec import TextRecInput
        from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

        cv2.setNumThreads(1)
        onnxruntime.disable_telemetry_events()
        folder = Path(rapidocr.__file__).with_name("models")
        paths = {f"{part}.model_path": str(folder / name) for part, name in MODELS.items()}
        threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
        others = {"Global.log_level": "critical", "Det.limit_type": "max", "Rec.rec_batch_num": 1}
        whole: Any = rapidocr.RapidOCR(params=paths | threads | others)
        self.detector: Any = whole._load_det_model()
        self.recogniser: Any = whole._load_rec_model()
        self.task: Any = TextRecInput
        self.error: type[Exception] = ONNXRuntimeError


def page_size(document: Any, number: int) -> tuple[float, float]:
    """Width and height in points, as the page is shown."""
    rect = document[number - 1].rect
    return float(rect.width), float(rect.height)


@cache
def _engine() -> _Engine:
    """One for the process: it takes half a second to load."""
    return _Engine()


def _scale(width: float, height: float, dpi: int) -> float:
    """Pixels a point. The size of a scan in points may be anything, so the pixels of the longer side are bounded."""
    longer = max(width, height, 1.0)
    pixels = longer * (dpi or _DPI) / POINTS_PER_INCH
    if not dpi:
        pixels = min(max(pixels, _SHORTEST), _LONGEST, longer * _FINEST / POINTS_PER_INCH)
    most = (MOST_PIXELS * longer / max(1.0, min(width, height))) ** 0.5
    return float(min(pixels, most)) / longer


def _size(quad: Points) -> tuple[float, float]:
    (tlx, tly), (trx, try_), _, (blx, bly) = quad.tolist()
    return hypot(trx - tlx, try_ - tly), hypot(blx - tlx, bly - tly)


def _crop(image: Image, quad: Points) -> Image:
    """The line of ``quad`` made level."""
    width, height = (max(1, round(size)) for size in _size(quad))
    level = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    warped = cv2.warpPerspective(
        image,
        cv2.getPerspectiveTransform(quad, level),
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(warped, dtype=np.uint8)


def _in_colours(image: Image) -> Image:
    return np.repeat(image[:, :, np.newaxis], 3, axis=2)


def _word_boxes(quad: Points, crop: Image, reading: _Reading) -> list[tuple[float, float, float, float]]:
    """A box for each word of ``reading``, in pixels of the page: around the size of its type, not around its ink."""
    top, base, left, right = _ink(crop)
    letters = reading.text.replace(" ", "")
    tall = sum(letter in _TALL_LETTERS or letter.isupper() for letter in letters) > 0.6 * len(letters)
    size = (base - top) / (_CAPITAL if tall else _X_HEIGHT)
    height, width = crop.shape
    y0, y1 = (base - ASCENT * size) / height, (base + DESCENT * size) / height
    boxes, start = [], 0
    words = reading.text.split()
    for number, word in enumerate(words):
        end = start + len(word)
        x0 = (reading.places[start - 1] + reading.places[start]) / 2 if number else left / width
        x1 = (reading.places[end - 1] + reading.places[end]) / 2 if number + 1 < len(words) else right / width
        gap = 0.15 * size / width  # half a space
        x0, x1 = (x0 + gap if number else x0), (x1 - gap if number + 1 < len(words) else x1)
        corners = [_at(quad, x, y) for x in (min(x0, x1), max(x0, x1)) for y in (y0, y1)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
        start = end
    return boxes


def _at(quad: Points, across: float, down: float) -> tuple[float, float]:
    (tlx, tly), (trx, try_), (brx, bry), (blx, bly) = quad.tolist()
    return (
        (1 - down) * ((1 - across) * tlx + across * trx) + down * ((1 - across) * blx + across * brx),
        (1 - down) * ((1 - across) * tly + across * try_) + down * ((1 - across) * bly + across * bry),
    )


def _ink(crop: Image) -> tuple[float, float, float, float]:
    """Top and base of the small letters of a line (or its capitals, where it has hardly any), its left and its right.

    In pixels of the crop. The rows between the top of an x and the baseline hold most of the ink.
    """
    low, high = (float(value) for value in np.percentile(crop, (2, 90)))
    dark = crop < (low + high) / 2
    if dark.mean() > 0.5:  # light text on dark
        dark = ~dark
    rows, columns = dark.sum(axis=1), np.flatnonzero(dark.any(axis=0))
    if not columns.size:
        return crop.shape[0] * 0.3, crop.shape[0] * 0.7, 0.0, float(crop.shape[1])
    usual = np.percentile(rows, 95)
    middle = int(np.argmax(np.convolve(rows, np.ones(max(1, len(rows) // 4)), "same")))
    white = np.flatnonzero(rows < _WHITE * usual)  # rows of the lines above and below may be in the crop
    first = max(white[white < middle], default=-1) + 1
    dense = first + np.flatnonzero(rows[first : min(white[white > middle], default=len(rows))] > _DENSE * usual)
    top, base = (dense[0], dense[-1] + 1) if dense.size else (middle, middle + 1)
    return float(top), float(base), float(columns[0]), float(columns[-1] + 1)
