"""When a run evaluates and how large its steps are: functions of the step alone, so that nothing of it needs saving."""

from __future__ import annotations

import math


def learning_rate_factor(step: int, total: int, warmup_ratio: float) -> float:
    """Linear warm-up over ``warmup_ratio`` of the ``total`` steps, then linear decay; above 0 for every step."""
    warmup = math.ceil(warmup_ratio * total)
    if step < warmup:
        return (step + 1) / warmup
    return (total - step) / max(1, total - warmup)


def evaluation_steps(total: int, evaluations: int) -> frozenset[int]:
    """Step 0 (the untrained model) and ``evaluations`` even steps, the last at the end."""
    return frozenset(round(i * total / evaluations) for i in range(evaluations + 1))
