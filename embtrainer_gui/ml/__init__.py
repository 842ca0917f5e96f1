"""Encoding, training and evaluating: the only layer that imports torch (and only where it is needed)."""
