"""Embedding Trainer: from a folder of scientific papers to a better search model."""

__version__ = "0.1.0"
