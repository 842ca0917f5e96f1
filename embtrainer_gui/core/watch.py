"""Says in plain sentences when something is wrong with a training run, from what it reports of itself.

Each fault is told once, with its figures and what would cure it. A sentence that is wrong is worse than none, so each
rule asks for more than the noise of a short run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.loss_fields import LABELLED, RANKING
from embtrainer_gui.core.messages import Metric, Noticed
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step

LOSS, GRADIENT, SCORE, UNLIKE = "loss", "grad_norm", "eval_ndcg@10", "eval_unlike_cosine"
LEAKED = 0.995  # nDCG@10 of a model that has nothing left to learn
MEMORY = 8  # steps that the smoothed loss averages over
ROSE = 1.5  # times the lowest smoothed loss
AS_AT_FIRST = 0.5  # of the loss at the start: below it a rise is no more than a hard batch
FOR_STEPS = 4  # that it stays so high, and that its start is the mean of
FEWEST_STEPS = 2 * MEMORY
FELL = 0.03  # nDCG@10 that is more than noise
LEARNED_BY_HEART = 0.8  # of the loss at the best check
COLLAPSED = 0.5  # of the way to one point for all texts
SAME_LOSS = 0.05  # share of the loss that is no progress
SAME_SCORE = 0.002
HIGHEST_RATE = 1e-2  # that the settings allow


@dataclass(frozen=True, slots=True)
class _Check:
    """One search of the dev questions; ``loss`` is the smoothed one at that step, NaN before the first."""

    step: int
    epoch: float
    score: float
    loss: float


@dataclass(slots=True)
class _Loss:
    """Its running mean over some steps, where that was lowest and what it was in the beginning."""

    count: int = 0
    smooth: float = math.nan
    first: float = math.nan
    lowest: float = math.inf
    lowest_at: int = 0
    norm: float = math.nan
    lowest_norm: float = math.inf
    high: int = 0  # steps since it rose

    def add(self, step: int, loss: float, norm: float) -> None:
        self.count += 1
        weight = max(1 / self.count, 2 / (1 + MEMORY))
        self.smooth = loss if self.count == 1 else self.smooth + weight * (loss - self.smooth)
        self.norm = norm if self.count == 1 else self.norm + weight * (norm - self.norm)
        if self.count <= FOR_STEPS:
            self.first = loss if self.count == 1 else self.first + (loss - self.first) / self.count
        if self.count >= FOR_STEPS and self.smooth < self.lowest:
            self.lowest, self.lowest_at, self.lowest_norm = self.smooth, step, self.norm
        rose = self.smooth > max(ROSE * self.lowest, AS_AT_FIRST * self.first)
        self.high = self.high + 1 if rose else 0


@dataclass(slots=True)
class Watch:
    """``take`` each metric of a run in the order of its steps; a resumed run begins with those of before."""

    config: TrainConfig
    told: set[str] = field(default_factory=set)
    _loss: _Loss = field(default_factory=_Loss)
    _checks: list[_Check] = field(default_factory=list)
    _unlike: list[float] = field(default_factory=list)
    _step: int = -1
    _rounds: int = 0

    def take(self, metric: Metric) -> list[Noticed]:
        """What there is to say after ``metric`` that was not said before."""
        values = metric.values
        if LOSS in values and metric.step <= self._step:
            return []  # resumed from a checkpoint: the steps since are told again
        found = self._not_a_number(metric)
        loss, norm, score, unlike = (_number(values.get(name)) for name in (LOSS, GRADIENT, SCORE, UNLIKE))
        if loss is not None:
            self._step = metric.step
            if metric.epoch > (self._rounds + 1) * self.config.epochs:  # a new start is no rise of the loss
                self._rounds += 1
                self._loss = _Loss()
            self._loss.add(metric.step, loss, 0.0 if norm is None else norm)
            found += self._too_fast(metric.step)
        if unlike is not None:
            self._unlike.append(unlike)
            found += self._collapse(metric.step)
        if score is not None and (not self._checks or metric.step > self._checks[-1].step):
            self._checks.append(_Check(metric.step, metric.epoch, score, self._loss.smooth))
            found += [*self._leak(), *self._by_heart(), *self._nothing_learned(metric)]
        new = [notice for notice in found if notice.fault not in self.told]
        self.told.update(notice.fault for notice in new)
        return new

    def _not_a_number(self, metric: Metric) -> list[Noticed]:
        names = {LOSS: mark("loss"), GRADIENT: mark("gradient"), SCORE: mark("score of the dev questions")}
        told = [name for name in names if name in metric.values]
        broken = [names[name] for name in told if _number(metric.values[name]) is None]
        if not broken:
            return []
        text = mark("At step {step} the {what} is no longer a number: the learning rate of {rate:g} is far too high.")
        text = text.format(step=metric.step, what=mark(" and the ").join(broken), rate=self.config.learning_rate)
        return [self._slower("not-a-number", metric.step, text, 0.1)]

    def _too_fast(self, step: int) -> Iterator[Noticed]:
        loss = self._loss
        if loss.count < FEWEST_STEPS or loss.high < FOR_STEPS:
            return
        text = mark(
            "The loss rises again, from {low:.3g} at step {then} to {now:.3g} at step {step} (gradient {before:.3g} to"
            " {after:.3g}): the learning rate of {rate:g} is too high."
        ).format(
            low=loss.lowest,
            then=loss.lowest_at,
            now=loss.smooth,
            step=step,
            before=loss.lowest_norm,
            after=loss.norm,
            rate=self.config.learning_rate,
        )
        yield self._slower("learning-rate", step, text, 0.25)

    def _collapse(self, step: int) -> Iterator[Noticed]:
        before, now = self._unlike[0], self._unlike[-1]
        if now <= before + COLLAPSED * (1 - before):
            return
        text = mark(
            "All texts become alike: the cosine of dev questions with wrong passages rose from {before:.2f} to"
            " {now:.2f} at step {step}, where 1 is the same text."
        ).format(before=before, now=now, step=step)
        if self.config.loss in LABELLED:
            cure = mark("Train with multiple negatives")
            yield Noticed(fault="collapse", step=step, text=text, cure=cure, changes={"loss": RANKING})
        else:
            yield self._slower("collapse", step, text, 0.25)

    def _leak(self) -> Iterator[Noticed]:
        first = self._checks[0]
        if len(self._checks) > 1 or first.step or first.score < LEAKED:
            return
        text = mark(
            "The untrained model already finds nearly every passage (nDCG@10 {score:.3f} at step 0): the dev questions"
            " give their passages away, so nothing can be measured on them."
        ).format(score=first.score)
        cure = mark("Look at the questions")
        yield Noticed(fault="leak", step=0, text=text, cure=cure, page=Step.REVIEW.value)

    def _by_heart(self) -> Iterator[Noticed]:
        """The last two checks are worse than the best one, and the loss is far below that of then."""
        best = max(self._checks, key=lambda check: check.score)
        last = self._checks[-2:]
        then = self._loss.first if math.isnan(best.loss) else best.loss
        fell = len(last) == 2 and all(check.step > best.step and check.score < best.score - FELL for check in last)
        if not fell or not self._loss.smooth < LEARNED_BY_HEART * then:
            return
        step, now = last[-1].step, last[-1].score
        text = mark(
            "It learns by heart: from step {best} to {step} the loss fell from {then:.3g} to {loss:.3g}, but nDCG@10 of"
            " the dev questions from {score:.3f} to {now:.3f}."
        ).format(best=best.step, step=step, then=then, loss=self._loss.smooth, score=best.score, now=now)
        passes = max(1, round(best.epoch))
        if best.step and passes < self.config.epochs:
            cure = mark("Train {number} passes") if passes > 1 else mark("Train one pass")
            cure = cure.format(number=passes)
            yield Noticed(fault="by-heart", step=step, text=text, cure=cure, changes={"epochs": passes})
        else:
            yield self._slower("by-heart", step, text, 0.5)

    def _nothing_learned(self, metric: Metric) -> Iterator[Noticed]:
        """From half of the run on."""
        first, loss = self._checks[0], self._loss
        early = metric.epoch < self.config.epochs * self.config.soup / 2 or loss.count < FEWEST_STEPS
        moved = loss.smooth < (1 - SAME_LOSS) * loss.first
        if early or moved or any(abs(check.score - first.score) > SAME_SCORE for check in self._checks):
            return
        rate = self.config.learning_rate
        text = mark(
            "Nothing was learned in {steps} steps: the loss is {now:.3g} (it began at {first:.3g}), nDCG@10 of the dev"
            " questions {score:.3f} (untrained {untrained:.3f}), at a learning rate of {rate:g}."
        ).format(
            steps=metric.step,
            now=loss.smooth,
            first=loss.first,
            score=self._checks[-1].score,
            untrained=first.score,
            rate=rate,
        )
        default = float(TrainConfig.model_fields["learning_rate"].default)
        faster = max(default, min(_short(10 * rate), HIGHEST_RATE))
        cure = mark("Set the learning rate to {rate:g}").format(rate=faster)
        changes = {"learning_rate": faster}
        yield Noticed(fault="nothing-learned", step=metric.step, text=text, cure=cure, changes=changes)

    def _slower(self, fault: str, step: int, text: str, factor: float) -> Noticed:
        rate = _short(factor * self.config.learning_rate)
        cure = mark("Set the learning rate to {rate:g}").format(rate=rate)
        return Noticed(fault=fault, step=step, text=text, cure=cure, changes={"learning_rate": rate})


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _short(value: float) -> float:
    """One digit that counts, as people write learning rates."""
    return float(f"{value:.0e}")
