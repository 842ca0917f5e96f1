"""The recommended settings for a project on this computer, each with its reason in a plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.hardware import Hardware
from embtrainer_gui.core.presets import preset_for
from embtrainer_gui.core.records import Split
from embtrainer_gui.core.shortfalls import model_positions
from embtrainer_gui.core.training_memory import LEAST_BATCH, Fit
from embtrainer_gui.core.training_plan import TrainingFacts, TrainingPlan, share_over, training_plan
from embtrainer_gui.core.translate import mark

FIELDS = ("epochs", "soup", "batch_size", "evaluations", "max_seq_length", "checkpoints")
STEPS_A_PASS = 4  # at least: with fewer the model has no time to move
STEPS_A_CHECK = 4
MOST_CUT = 0.01  # of the passages
LENGTHS = (256, 384, 512, 1024, 2048, 4096, 8192)
LEAST_CHECKPOINTS = 1
GIGABYTE = 1e9


@dataclass(frozen=True, slots=True)
class Advice:
    """``values`` of the fields ``FIELDS``; ``reasons`` are sentences."""

    values: Mapping[str, int]
    reasons: Sequence[str]

    def config(self, config: TrainConfig) -> TrainConfig:
        return config.model_copy(update=dict(self.values))


def advise(config: TrainConfig, facts: TrainingFacts, machine: Hardware, folder: Path) -> Advice:
    """For the model and the loss of ``config``; ``folder`` is the project's, on whose disk the checkpoints go."""
    return _Advisor(config, facts, machine, folder).advice()


@dataclass(slots=True)
class _Advisor:
    _config: TrainConfig
    _facts: TrainingFacts
    _machine: Hardware
    _folder: Path
    _reasons: list[str] = field(default_factory=list)

    def advice(self) -> Advice:
        preset = preset_for(self._facts.pairs)
        defaults = {name: TrainConfig.model_fields[name].default for name in FIELDS}
        self._config = self._config.model_copy(update=defaults | dict(preset.values))
        text = mark("{pairs} questions on {passages} passages. {why}")
        self._say(text, pairs=self._facts.pairs, passages=self._facts.passages, why=preset.why)
        steps: tuple[Callable[[], None], ...] = (
            self._duplicates, self._batch, self._length, self._hardware, self._memory, self._checks, self._disk,
        )  # fmt: skip
        for step in steps if self._facts.passages else ():
            step()
        return Advice({name: getattr(self._config, name) for name in FIELDS}, self._reasons)

    def _say(self, text: str, **values: object) -> None:
        self._reasons.append(text.format(**values))

    def _set(self, name: str, value: int) -> None:
        self._config = self._config.model_copy(update={name: value})

    def _plan(self) -> TrainingPlan:
        return training_plan(self._config, self._facts, (), self._folder, self._machine.free_memory())

    def _duplicates(self) -> None:
        if self._facts.repeated:
            text = mark("{number} accepted questions repeat another one on the same text and count once.")
            self._say(text, number=self._facts.repeated)

    def _batch(self) -> None:
        size, passages = self._config.batch_size, self._facts.passages
        while size > LEAST_BATCH and passages < STEPS_A_PASS * size:
            size //= 2
        if size != self._config.batch_size:
            text = mark("So few passages make only {few} steps a pass with {usual} in a batch: {size} make {more}.")
            few, more = (-(-passages // number) for number in (self._config.batch_size, size))
            self._say(text, few=few, usual=self._config.batch_size, size=size, more=more)
            self._set("batch_size", size)

    def _length(self) -> None:
        tokens, usual = self._facts.tokens, self._config.max_seq_length
        if not tokens:
            return
        positions = model_positions(self._config.base_model) or usual
        allowed = [length for length in LENGTHS if length <= positions] or [positions]
        length = next((each for each in allowed if share_over(tokens, each) <= MOST_CUT), allowed[-1])
        cut, longest = share_over(tokens, length), tokens[-1]
        self._set("max_seq_length", length)
        if length > usual:
            text = mark("{share:.0%} of the passages have more than {usual} tokens, so the longest text is {length}.")
            self._say(text, share=share_over(tokens, usual), usual=usual, length=length)
        if cut > MOST_CUT:
            text = mark(
                "{share:.0%} are cut even so, as the model reads {length} tokens at most: cut passages shorter."
            )
            self._say(text, share=cut, length=length)
        elif length <= usual:
            text = mark("The longest passage has {longest} tokens: {length} read it whole.")
            if cut:
                text = mark("{length} tokens read all but {share:.1%} of the passages whole.")
            self._say(text, longest=longest, length=length, share=cut)

    def _hardware(self) -> None:
        machine = self._machine
        if machine.card:
            self._say(mark("The graphics card computes ({card})."), card=machine.card)
        elif machine.cores == 1:
            self._say(mark("No graphics card: one processor core computes."))
        else:
            self._say(mark("No graphics card: {cores} processor cores compute."), cores=machine.cores)

    def _memory(self) -> None:
        memory = self._plan().memory
        if memory is None:
            return
        before, changed = memory, False
        while memory is not None and memory.cure is not None:
            self._set(*memory.cure)
            memory, changed = self._plan().memory, True
        assert memory is not None
        told = {"need": before.needed / GIGABYTE, "free": before.free / GIGABYTE}
        if changed:
            text = mark(
                "The run would take {need:.1f} GB, and {free:.1f} GB are free: {batch} passages of up to {length}"
                " tokens in a batch take {less:.1f} GB."
            )
            size, length = self._config.batch_size, self._config.max_seq_length
            self._say(text, **told, batch=size, length=length, less=memory.needed / GIGABYTE)
        elif memory.fit is Fit.TOO_LITTLE:
            text = mark(
                "The run takes {need:.1f} GB and {free:.1f} GB are free: close programs, or take a smaller model."
            )
            self._say(text, **told)
        else:
            self._say(mark("It takes about {need:.1f} GB of memory, of {free:.1f} GB that are free."), **told)

    def _checks(self) -> None:
        steps, usual = self._plan().steps, self._config.evaluations
        if not self._facts.questions.get(Split.DEV, 0):
            self._say(mark("There are no dev questions: nothing can be checked, and the last model is taken."))
        number = max(1, min(usual, steps // STEPS_A_CHECK))
        if number < usual:
            self._say(mark("{steps} steps are enough for {number} checks, not for {usual}."),
                      steps=steps, number=number, usual=usual)  # fmt: skip
            self._set("evaluations", number)

    def _disk(self) -> None:
        kept = self._config.checkpoints
        while self._config.checkpoints > LEAST_CHECKPOINTS and not self._plan().fits_disk:
            self._set("checkpoints", self._config.checkpoints - 1)
        plan = self._plan()
        if not plan.fits_disk:
            text = mark("The disk is too full for a checkpoint: {need:.1f} GB are needed, {free:.1f} GB are free.")
            self._say(text, need=plan.disk / GIGABYTE, free=plan.free / GIGABYTE)
        elif kept != self._config.checkpoints:
            text = mark("{free:.1f} GB of disk are free: {number} checkpoints are kept, not {kept}.")
            self._say(text, free=plan.free / GIGABYTE, number=self._config.checkpoints, kept=kept)
