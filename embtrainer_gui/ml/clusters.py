"""Clusters of vectors: spherical k-means of faiss."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

ITERATIONS = 25
FEWEST, MOST = 2, 16
LEAST_A_CLUSTER = 4  # vectors; fewer say nothing


def suitable_count(vectors: int) -> int:
    """How many clusters a map of so many vectors can show."""
    return max(1, min(MOST, max(FEWEST, round(math.sqrt(vectors) / 4)), vectors // LEAST_A_CLUSTER))


def clusters_of(vectors: NDArray[np.float32], count: int, seed: int) -> NDArray[np.int64]:
    """The cluster (n,) of each of L2-normalised ``vectors`` (n, d), numbered from the largest; empty ones vanish."""
    import faiss

    count, vectors = max(1, min(count, len(vectors))), np.ascontiguousarray(vectors)
    wanted = faiss.ClusteringParameters()
    wanted.niter, wanted.seed, wanted.spherical, wanted.min_points_per_centroid = ITERATIONS, seed, True, 1
    index = faiss.IndexFlatIP(vectors.shape[1])
    # not faiss.Kmeans: its copy of the centroids fails where PyMuPDF was loaded before, which shares SWIG's types
    faiss.Clustering(vectors.shape[1], count, wanted).train(vectors, index)
    found = index.search(vectors, 1)[1][:, 0]
    numbers, sizes = np.unique(found, return_counts=True)
    order = numbers[np.argsort(-sizes, kind="stable")]
    rank = np.empty(int(numbers.max()) + 1, np.int64)
    rank[order] = np.arange(len(order))
    return rank[found]
