"""The flags of the commands that search: search, similar, map, copies."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from embtrainer_gui.core.config import CopiesConfig, MapConfig, SearchConfig, StageConfig
from embtrainer_gui.core.search_config import DenseModel, SearchedTexts, SearchModel
from embtrainer_gui.core.translate import mark

NAMES = ("search", "similar", "map", "copies")
AddCommand = Callable[[str, str], argparse.ArgumentParser]
AddFields = Callable[[argparse.ArgumentParser, type[StageConfig], tuple[str, ...]], None]


def add_search_commands(project_command: AddCommand, add_fields: AddFields) -> None:
    search = project_command("search", mark("Search the passages, or the answers of accepted questions."))
    search.add_argument("question", nargs="?")
    search.add_argument(
        "--queries", type=Path, metavar="FILE", help=mark("Many questions instead: a line each, or CSV, TSV, JSONL.")
    )
    search.add_argument(
        "--out", type=Path, metavar="FILE", help=mark("With --queries: where the hits go, as .csv or .jsonl.")
    )
    add_fields(search, SearchConfig, ("model", "over"))
    search.add_argument("--model", choices=get_args(SearchModel), help=_help(SearchConfig, "model"))
    search.add_argument("--over", choices=get_args(SearchedTexts), help=_help(SearchConfig, "over"))

    similar = project_command("similar", mark("How alike texts are to a model of the project: each with each."))
    similar.add_argument("texts", nargs="*", metavar="TEXT", help=mark("Two texts or more."))
    similar.add_argument("--file", type=Path, metavar="FILE", help=mark("A text file with a line each instead."))
    similar.add_argument(
        "--model", choices=get_args(DenseModel), default="base", help=mark("The model that compares them. [base]")
    )

    map_ = project_command("map", mark("Places of all passages on a plane, before and after training, as CSV."))
    map_.add_argument("out", type=Path, metavar="OUT.csv", help=mark("The file to write."))
    add_fields(map_, MapConfig, ())

    copies = project_command("copies", mark("Passages that are near copies of others."))
    add_fields(copies, CopiesConfig, ("model",))
    copies.add_argument("--model", choices=get_args(DenseModel), help=_help(CopiesConfig, "model"))


def _help(config: type[StageConfig], name: str) -> str:
    return str(config.model_fields[name].description)
