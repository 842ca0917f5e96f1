"""Places of vectors on a plane where near ones stay near: t-SNE (van der Maaten and Hinton 2008) by interpolation
(FIt-SNE, Linderman et al. 2019) as openTSNE has it, begun at the two main components (Kobak and Berens 2019)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.report import Reporter
from embtrainer_gui.ml.nearest import nearest

Vectors = NDArray[np.float32]
Places = NDArray[np.float64]

PERPLEXITY = 10  # neighbours that count; a few more than a paper's passages on one thing
FEWEST = 12  # of fewer only the main components are shown
SPREAD = 1e-4  # of the start: a wide one would keep its shape (openTSNE's advice)
FIRST, THEN = (100, 12.0), (250, 1.0)  # iterations, and how much stronger neighbours attract
AGAIN = ((40, 4.0), (110, 1.0))  # from a layout that is there already
TOLD_EVERY = 5  # iterations


def lay_out(vectors: Vectors, seed: int, reporter: Reporter, start: Places | None = None, threads: int = 2) -> Places:
    """Places (n, 2) of L2-normalised ``vectors`` (n, d).

    With ``start``, the places of the same items by another model, it moves on from there, so that an item is looked
    for where it was. The same input, seed and number of threads give the same places.

    Raises Cancelled.
    """
    if len(vectors) < FEWEST:
        return _components(vectors)
    from openTSNE import TSNEEmbedding, affinity
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    perplexity = min(PERPLEXITY, (len(vectors) - 1) // 3)
    rows, cosines = nearest(vectors, 3 * perplexity, reporter)
    distances = np.sqrt(np.maximum(0.0, 2 - 2 * cosines.astype(np.float64)))
    near = affinity.PerplexityBasedNN(
        knn_index=PrecomputedNeighbors(rows, distances), perplexity=perplexity, n_jobs=threads
    )
    begin = _components(vectors) if start is None else start
    if start is None:
        begin = begin / max(float(begin[:, 0].std()), 1e-12) * SPREAD
    layout = TSNEEmbedding(
        np.ascontiguousarray(begin, np.float64),
        near,
        negative_gradient_method="fft" if len(vectors) > 3000 else "bh",
        n_jobs=threads,
        random_state=seed,
        learning_rate="auto",
    )
    parts = (FIRST, THEN) if start is None else AGAIN
    return _optimised(layout, parts, reporter)


def _optimised(layout: Any, parts: tuple[tuple[int, float], ...], reporter: Reporter) -> Places:
    total, before = sum(iterations for iterations, _ in parts), 0
    for iterations, exaggeration in parts:

        def tell(iteration: int, error: float, embedding: object, before: int = before) -> None:
            reporter.raise_if_cancelled()
            reporter.progress(before + iteration, total)

        momentum = 0.5 if exaggeration > 1 else 0.8
        layout = layout.optimize(
            iterations,
            exaggeration=exaggeration,
            momentum=momentum,
            callbacks=tell,
            callbacks_every_iters=TOLD_EVERY,
        )
        before += iterations
    return np.asarray(layout, np.float64)


def _components(vectors: Vectors) -> Places:
    """The two main components (n, 2), each with the sign that makes its largest part positive."""
    centred = vectors - vectors.mean(axis=0)
    covariance = (centred.T @ centred).astype(np.float64)
    _, axes = np.linalg.eigh(covariance)
    places: Places = centred.astype(np.float64) @ axes[:, :-3:-1]
    if places.shape[1] < 2:
        places = np.pad(places, ((0, 0), (0, 2 - places.shape[1])))
    signs = np.sign(places[np.abs(places).argmax(axis=0), [0, 1]])
    return places * np.where(signs == 0, 1, signs)
