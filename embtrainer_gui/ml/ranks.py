"""The processes that train one run together: each embeds its share of a batch, all see the loss of the whole.

Every rank holds all vectors of the batch, those of its own share with their graph, and computes the same loss from
them. Its gradient is then that of the whole loss by its own share, and the sum over the ranks is the gradient of one
process with the whole batch: negatives across ranks (Qu et al. 2021, arXiv 2010.08191, section 3.1), and no
communication in the backward pass.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import IntEnum
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from embtrainer_gui.core.errors import AppError, Cancelled, EnvironmentProblem
from embtrainer_gui.core.process_place import Place, process_place
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.device import chosen_device
from embtrainer_gui.ml.optimizer import optimizer_tensors, restore_optimizer
from embtrainer_gui.ml.shortage import ran_out

JOINING = timedelta(minutes=5)  # for the slowest machine to start, and for tensors to arrive
WAITING = timedelta(days=2)  # for the first rank, which alone searches and saves

Made = TypeVar("Made")


class _Word(IntEnum):
    """How a part of the work ended on a rank; of several words the highest counts for all."""

    DONE, NO_MEMORY, STOP, FAILED = range(4)


class Ranks:
    """This process among ``size``. With one, nothing is sent and every method gives back what it was given."""

    def __init__(self, place: Place | None = None, control: dist.ProcessGroup | None = None) -> None:
        place = place or Place()
        self.rank, self.size, self._control = place.rank, place.size, control

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Work of each rank by itself that ends alike on all of them.

        Where one ran out of memory, was asked to stop or failed, all raise: MemoryError, Cancelled, or
        EnvironmentProblem with the reason (the rank that failed raises its own error). So none waits for another
        that has gone.
        """
        problem: Exception | None = None
        try:
            yield
        except Exception as error:
            if self.size == 1:
                raise
            problem = error
        if self.size > 1:
            self._agree(problem)

    def share(self, lengths: IntArray) -> IntArray:
        """The positions (of n) that this rank works on: every ``size``-th from the longest on, for equal work."""
        if self.size == 1:
            return np.arange(len(lengths))
        return _dealt(lengths)[self.rank :: self.size]

    def gather(self, part: Tensor, lengths: IntArray) -> Tensor:
        """All rows (n, d) in their order, from each rank's ``part`` (its share, d); that part keeps its graph."""
        if self.size == 1:
            return part
        counts = [len(range(rank, len(lengths), self.size)) for rank in range(self.size)]
        sent = part.new_zeros((max(counts), part.shape[1]))
        sent[: len(part)] = part.detach()
        received = [torch.empty_like(sent) for _ in counts]
        with _peers():
            dist.all_gather(received, sent)
        parts = [rows[:count] for rows, count in zip(received, counts, strict=True)]
        parts[self.rank] = part
        dealt = _dealt(lengths)
        order = np.argsort(np.concatenate([dealt[rank :: self.size] for rank in range(self.size)]))
        return torch.cat(parts)[torch.from_numpy(order).to(part.device)]

    def sum_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Add up the gradients of all ranks; what has none on any of them keeps none."""
        if self.size == 1:
            return
        with _peers():
            having = torch.tensor([p.grad is not None for p in parameters], dtype=torch.uint8)
            dist.all_reduce(having, dist.ReduceOp.MAX, group=self._control)
            sums = []
            for parameter, has in zip(parameters, having.tolist(), strict=True):
                if has:
                    if parameter.grad is None:
                        parameter.grad = torch.zeros_like(parameter)
                    sums.append(dist.all_reduce(parameter.grad, async_op=True))
            for waiting in sums:
                waiting.wait()

    def from_first(self, make: Callable[[], Made]) -> Made:
        """What ``make`` gives on the first rank, on all of them."""
        made: list[Made] = []
        with self.together():
            if self.is_first:
                made.append(make())
        if self.size > 1:
            with _peers():
                box: list[Made | None] = [made[0] if made else None]
                dist.broadcast_object_list(box, src=0, group=self._control)
            made = [box[0]]  # type: ignore[list-item]
        return made[0]

    def align(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Give all ranks the first one's weights and optimizer: only it has the checkpoint of a resumed run."""
        if self.size == 1:
            return
        moments = self._received(optimizer_tensors(optimizer, model))
        weights = self._received({name: value.cpu() for name, value in model.state_dict().items()})
        if not self.is_first:
            model.load_state_dict(weights)
            restore_optimizer(optimizer, model, moments)

    def leave(self) -> None:
        """Say goodbye, when all have done their work."""
        if self.size > 1:
            dist.destroy_process_group()

    def _received(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        shapes = self.from_first(lambda: {name: (value.shape, value.dtype) for name, value in tensors.items()})
        if not self.is_first:
            tensors = {name: torch.empty(shape, dtype=dtype) for name, (shape, dtype) in shapes.items()}
        with _peers():
            for value in tensors.values():
                dist.broadcast(value, src=0, group=self._control)
        return tensors

    def _agree(self, problem: Exception | None) -> None:
        word = _word_for(problem)
        with _peers():
            said = torch.tensor([word], dtype=torch.int64)
            dist.all_reduce(said, dist.ReduceOp.MAX, group=self._control)
        match _Word(int(said)):
            case _Word.DONE:
                return
            case _Word.NO_MEMORY:
                raise problem or MemoryError("on another rank")
            case _Word.STOP:
                raise Cancelled
        self._tell_failure(problem if word is _Word.FAILED else None)

    def _tell_failure(self, problem: Exception | None) -> None:
        told: list[str | None] = [None] * self.size
        with _peers():
            dist.all_gather_object(told, _described(problem) if problem else None, group=self._control)
        if problem is not None:
            raise problem
        rank, reason = next((rank, text) for rank, text in enumerate(told) if text is not None)
        raise EnvironmentProblem(
            mark("Training process {rank} of {size} failed: {reason}"),
            mark("Put that right, then resume the run: it goes on from its last checkpoint."),
            rank=rank,
            size=self.size,
            reason=reason,
        )


ALONE = Ranks()


def join_ranks() -> Ranks:
    """Meet the other processes of this run, where torchrun started several.

    Raises EnvironmentProblem where they do not come, or a machine has fewer graphics cards than processes.
    """
    place = process_place()
    if place.size == 1:
        return ALONE
    device = chosen_device() or "cpu"
    if device.startswith("cuda"):
        _take_card(place)
    try:
        dist.init_process_group("cpu:gloo,cuda:nccl" if device.startswith("cuda") else "gloo", timeout=JOINING)
        control = dist.new_group(backend="gloo", timeout=WAITING)
    except (RuntimeError, ValueError) as problem:
        raise EnvironmentProblem(
            mark("The {size} training processes did not find each other: {reason}"),
            mark("Check that all machines were started with the same --nnodes and --rdzv-endpoint, and reach it."),
            size=place.size,
            reason=_first_line(problem),
        ) from problem
    return Ranks(place, control)


def _take_card(place: Place) -> None:
    cards = torch.cuda.device_count()
    if cards < place.local_size:
        raise EnvironmentProblem(
            mark("This machine has {cards} graphics cards for {processes} training processes."),
            mark("Start as many processes as there are cards: --nproc-per-node {cards}, or choose the processor."),
            cards=cards,
            processes=place.local_size,
        )
    torch.cuda.set_device(place.local_rank)


def _dealt(lengths: IntArray) -> IntArray:
    return np.argsort(-np.asarray(lengths), kind="stable")


def _word_for(problem: Exception | None) -> _Word:
    if problem is None:
        return _Word.DONE
    if isinstance(problem, Cancelled):
        return _Word.STOP
    return _Word.NO_MEMORY if ran_out(problem) else _Word.FAILED


def _described(problem: Exception) -> str:
    text = problem.message if isinstance(problem, AppError) else f"{type(problem).__name__}: {_first_line(problem)}"
    return f"{text} ({platform.node()})"


def _first_line(problem: Exception) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]


@contextmanager
def _peers() -> Iterator[None]:
    """What torch says when another process has gone, as an error of ours."""
    try:
        yield
    except RuntimeError as problem:
        if ran_out(problem):
            raise
        raise EnvironmentProblem(
            mark("One of the training processes has ended; it was killed, or ran out of memory."),
            mark("Resume the run: it goes on from its last checkpoint, with as many processes as you like."),
        ) from problem
