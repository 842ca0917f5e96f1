"""A tiny random BERT on the bundled vocabulary, and runs that take a second."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from tiny_model import make_tiny_model

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.request import DevSet, TrainingRequest, TrainingResult
from embtrainer_gui.ml.trainer import train

TOPICS = "rice wheat millet barley virus fungus enzyme protein soil water light heat cell gene root leaf".split()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


def passage(i: int) -> str:
    first, second = TOPICS[i % 16], TOPICS[(i * 7 + i // 16) % 16]
    return f"The {first} of sample {i} was measured with {second} " + "under control " * (i % 7) + "in the field."


Requests = Callable[..., TrainingRequest]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny matrices are slower on two threads, and much slower on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def tiny_request(tiny_model: Path, tmp_path: Path) -> Requests:
    """The requests of ``maker`` in the folder of this test."""
    return maker(tiny_model, tmp_path)


@pytest.fixture(scope="session")
def whole_run(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    """The uninterrupted run that interrupted ones must equal."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    result = train(maker(tiny_model, tmp_path_factory.mktemp("whole"))(), Silent())
    torch.set_num_threads(threads)
    return result


def maker(tiny_model: Path, folder: Path) -> Requests:
    """Makes requests of 60 pairs on 30 passages: 12 steps, evaluations at 0, 4, 8, 12; keywords change the config."""

    def make(name: str = "run", resume: bool = False, dev: DevSet | None = None, **config: object) -> TrainingRequest:
        passages = [passage(i) for i in range(30)]
        tails = ("", " of the field")
        pairs = [(f"What about {TOPICS[i % 16]} in sample {i}{tail}?", i) for i in range(30) for tail in tails]
        held_out = DevSet([f"sample {i} {TOPICS[i % 16]}" for i in range(30)], passages, [{i: 1} for i in range(30)])
        values = {"epochs": 3, "soup": 1, "batch_size": 8, "learning_rate": 1e-3, "evaluations": 3}
        values |= {"max_seq_length": 48, **config}
        dev = held_out if dev is None else dev
        groups = list(range(30))
        return TrainingRequest(TrainConfig(**values), tiny_model, folder / name, passages, groups, pairs, dev, resume)

    return make
