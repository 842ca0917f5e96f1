"""Encoding, training and evaluating: the only layer that imports torch (and only where it is needed)."""

import os

# Read when torch loads OpenMP. Threads that wait should sleep: spinning beside any other busy program made a
# training step take four times its time and processor seconds on 2 cores (63 s against 17 s, measured).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# oneDNN keeps what it made for each shape of a product, and batches by length have thousands: at its 1,024 a run of 28
# steps took 0.3 GB more, at the same speed (measured).
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
