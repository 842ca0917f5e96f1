"""The command-line contract. Every flag is accepted with ``-`` and with ``_``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic_core import PydanticUndefined

from embtrainer_gui import __version__
from embtrainer_gui.cli import search_parser
from embtrainer_gui.cli.cluster import add_on
from embtrainer_gui.cli.import_references import add_references
from embtrainer_gui.core.config import (
    LOSSES,
    CompareConfig,
    GenerateConfig,
    ImportConfig,
    IncludedKind,
    StageConfig,
    TrainConfig,
)
from embtrainer_gui.core.interchange.columns import Role, Target
from embtrainer_gui.core.launch import LaunchConfig
from embtrainer_gui.core.store.doubts import DoubtAnswer
from embtrainer_gui.core.translate import mark

PRESET_NAMES = ("recommended", "small", "medium", "large")
PAIR_ACTIONS = ("list", "accept", "import", "export")
TEST_SET_ACTIONS = ("list", "rename", "remove", "train-on-marks")
DOUBT_ACTIONS = ("list", "find", "answer", "undo")
PAIR_FORMATS = ("jsonl", "csv", "json", "parquet", "beir")
COMMAND_NAMES = (
    "open",
    "sample",
    "run",
    "import",
    "generate",
    "pairs",
    "test-sets",
    "doubts",
    "models",
    "train",
    "compare",
    *search_parser.NAMES,
    "index",
    "export",
    "import-run",
    "split",
    "backup",
    "restore",
    "archive",
    "unarchive",
    "check",
    "status",
    "doctor",
)
ANSWERS = tuple(answer.value for answer in DoubtAnswer)
EXPORTS = ("model", "passages", "jsonl", "beir", "faiss", "qdrant", "settings", "methods", "onnx", "bundle", "hub")
FAISS_KINDS = ("flat", "hnsw", "ivf")


def normalised(arguments: Sequence[str]) -> list[str]:
    """``--batch_size=8`` becomes ``--batch-size=8``; values are left alone. ``export``'s target may be a flag."""

    def one(argument: str) -> str:
        if not argument.startswith("--"):
            return argument
        name, equals, value = argument.partition("=")
        return name.replace("_", "-") + equals + value

    found = [one(argument) for argument in arguments]
    return _without_target_flag(found) if found[:1] == ["export"] else found


def _without_target_flag(arguments: list[str]) -> list[str]:
    """``--out DIR`` becomes ``DIR``, and so does ``--repo NAME`` of a push: argparse has no name for a positional."""
    flag = "--repo" if "hub" in arguments else "--out"
    split = [part for each in arguments for part in (each.split("=", 1) if each.startswith(f"{flag}=") else [each])]
    return [part for part in split if part != flag]


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="embtrainer", description=mark("From papers to a better search model."))
    parser.add_argument("--version", action="version", version=f"embtrainer {__version__}")
    parser.set_defaults(command=None, project=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, help_: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        added.add_argument("--json", action="store_true", help=mark("Print one JSON object; events go to stderr."))
        return added

    def project_command(name: str, help_: str) -> argparse.ArgumentParser:
        added = command(name, help_)
        added.add_argument("project", type=Path, metavar="PROJECT", help=mark("The project's folder."))
        return added

    project_command("open", mark("Open the window on a project."))
    sample = command("sample", mark("The whole job on the bundled papers."))
    sample.add_argument("folder", nargs="?", type=Path, metavar="DIR", help=mark("Where the project goes."))
    sample.add_argument("--no-open", action="store_true", help=mark("Do not open the window at the end."))
    sample.add_argument("--seed", type=int, help=mark("Seed of the split, the questions and the training."))

    run = project_command("run", mark("The whole job on your own files."))
    _add_sources(run)
    seeds = run.add_mutually_exclusive_group()
    seeds.add_argument("--seed", type=int, help=mark("Seed of the split, the questions and the training."))
    settings = mark("Do everything as in the project of this settings file (export --as settings).")
    seeds.add_argument("--from", dest="settings", type=Path, metavar="FILE", help=settings)
    start = mark("With --from: the model to start from, where this computer has it in another place.")
    run.add_argument("--base-model", metavar="MODEL", default="", help=start)
    add_on(run, yes=True)

    import_ = project_command("import", mark("Read papers into a project; makes the project where there is none."))
    _add_sources(import_, "*")
    add_references(import_)
    _add_fields(import_, ImportConfig, without=("include",))
    kinds = f"{ImportConfig.model_fields['include'].description} [{', '.join(get_args(IncludedKind))}]"
    import_.add_argument("--include", metavar="KIND,...", help=kinds)
    import_.add_argument("--yes", action="store_true", help=mark("Papers may go to the server that reads them."))
    add_on(import_)

    generate = command("generate", mark("Make questions for the passages."))
    generate.add_argument("project", nargs="?", type=Path, metavar="PROJECT", help=mark("The project's folder."))
    _add_fields(generate, GenerateConfig, without=("examples", "prompt"))
    generate.add_argument("--prompt", type=Path, metavar="FILE", help=GenerateConfig.model_fields["prompt"].description)
    examples = GenerateConfig.model_fields["examples"].description
    generate.add_argument("--examples", type=Path, metavar="FILE", help=examples)
    generate.add_argument(
        "--preview", type=int, metavar="N", help=mark("Show what would be made of N passages, and store nothing.")
    )
    generate.add_argument(
        "--retry-failed", action="store_true", help=mark("Ask again about passages that failed before.")
    )
    generate.add_argument(
        "--yes", action="store_true", help=mark("Text of the passages may go to a server on another machine.")
    )
    add_on(generate)
    _add_predecessor(generate, ("--input-dir", "--output-dir", "--api-key"))

    pairs = project_command("pairs", mark("List, accept, import or export question-answer pairs."))
    pairs.add_argument("action", choices=PAIR_ACTIONS)
    pairs.add_argument("file", nargs="?", type=Path, metavar="FILE")
    pairs.add_argument("--checks", choices=("clean",), help=mark("Only pairs that no check has flagged."))
    pairs.add_argument("--format", choices=PAIR_FORMATS, help=mark("Format of the exported file; else by its ending."))
    pairs.add_argument(
        "--state", choices=("pending", "accepted", "rejected", "all"), help=mark("Only pairs in this state.")
    )

    _add_import_of_questions(pairs.add_argument_group(mark("with import")))

    sets = project_command("test-sets", mark("Labelled test sets: list, rename or remove them, train on marks."))
    sets.add_argument("action", nargs="?", choices=TEST_SET_ACTIONS, default="list")
    sets.add_argument("name", nargs="?", metavar="NAME", help=mark("The test set."))
    sets.add_argument("new_name", nargs="?", metavar="NEW_NAME", help=mark("With rename: what it is called then."))

    doubts = project_command("doubts", mark("Passages that may be right for a question as well: find, list, answer."))
    doubts.add_argument("action", nargs="?", choices=DOUBT_ACTIONS, default="list")
    doubts.add_argument("number", nargs="?", type=int, metavar="NUMBER", help=mark("The doubtful passage to answer."))
    doubts.add_argument("answer", nargs="?", choices=ANSWERS, help=mark("Whether it answers the question as well."))

    models = command("models", mark("List the models that training can start from, or download one."))
    models.add_argument("action", nargs="?", choices=("list", "get"), default="list")
    models.add_argument("name", nargs="?", metavar="NAME", help=mark("The model to get, as the list names it."))

    train = command("train", mark("Train a model on the accepted questions."))
    train.add_argument("project", nargs="?", type=Path, metavar="PROJECT", help=mark("The project's folder."))
    _add_fields(train, TrainConfig, without=("loss",))
    losses = f"{TrainConfig.model_fields['loss'].description} [{', '.join(LOSSES)}]"
    train.add_argument("--loss", metavar="NAME", help=losses)
    train.add_argument("--launch", metavar="COMMAND", help=LaunchConfig.model_fields["launch"].description)
    train.add_argument("--resume", action="store_true", help=mark("Go on from the last complete checkpoint."))
    presets = mark("Settings for the size of the data; flags come before them. [{names}]")
    train.add_argument(
        "--preset", metavar="NAME", choices=PRESET_NAMES, help=presets.format(names=", ".join(PRESET_NAMES))
    )
    train.add_argument("--plan", action="store_true", help=mark("Print what the run would do, and do nothing."))
    train.add_argument(
        "--check", action="store_true", help=mark("Try some steps: first batch, memory, disk, time; nothing is kept.")
    )
    train.add_argument("--test-only", action="store_true", help=mark("Only test the model in the output folder."))
    _add_predecessor(train, ("--input-jsonl", "--output-dir"))

    compare = project_command("compare", mark("Untrained, tuned, BM25, hybrids and runs on unseen papers."))
    _add_fields(compare, CompareConfig)
    which = mark(
        "A test set of the project, a folder with corpus.jsonl, queries.jsonl and qrels.tsv, or a file of sentence"
        " pairs with scores (sentence1, sentence2, score); else the questions on test papers."
    )
    compare.add_argument("--set", metavar="NAME|DIR|FILE", help=which)
    compare.add_argument("--report", type=Path, metavar="FILE", help=mark("Write a report too: OUT.html or OUT.md."))

    search_parser.add_search_commands(project_command, _add_fields)

    index = project_command("index", mark("Encode new passages, and make searches of a large library quick."))
    add_on(index, yes=True)

    export = project_command("export", mark("Take the model, passages, questions or an index out of the project."))
    export.add_argument("--as", dest="kind", choices=EXPORTS, required=True, help=mark("What to write."))
    target = mark(
        "The file or new folder to write, also as --out OUT; with --as hub the repository, as --repo NAME; with"
        " --as qdrant a new folder, or a server as http://localhost:6333 or http://localhost:6333/collections/NAME."
    )
    export.add_argument("out", type=_target, metavar="OUT", help=target)
    kinds = mark(
        "With --as faiss: flat is exact, hnsw and ivf are quicker in large libraries and miss a little. [flat]"
    )
    export.add_argument("--index", choices=FAISS_KINDS, help=kinds)
    to_server = mark("With --as qdrant: text of the passages may go to a server on another machine.")
    export.add_argument("--yes", action="store_true", help=to_server)
    export.add_argument("--public", action="store_true", help=mark("With --as hub: a new repository is not private."))
    _add_fields(export.add_argument_group(mark("the run that --as bundle packs")), TrainConfig)

    import_run = project_command("import-run", mark("Take in the result of a packed run that trained elsewhere."))
    import_run.add_argument("folder", type=Path, metavar="DIR", help=mark("The packed run's folder, come back."))

    split = project_command("split", mark("Show the split, or make a new test version."))
    split.add_argument(
        "--new-version", action="store_true", help=mark("Split all papers afresh; old scores become stale.")
    )
    project_command("backup", mark("Copy the project's database into its folder backups, checked row by row."))
    restore = project_command("restore", mark("List the backups with what they hold, or put one back."))
    names = mark("The backup to put back, as the list names it, or newest; what is there now becomes a backup first.")
    restore.add_argument("backup", nargs="?", metavar="BACKUP", help=names)
    archive = project_command("archive", mark("Pack the whole project into one zip file, to keep or to send."))
    target = mark("The file to write; left out, it lies beside the project.")
    archive.add_argument("file", nargs="?", type=Path, metavar="FILE", help=target)
    unarchive = project_command("unarchive", mark("Unpack an archive into PROJECT, a new folder."))
    unarchive.add_argument("file", type=Path, metavar="FILE", help=mark("What archive wrote; it may be anybody's."))
    project_command("check", mark("Check every row of the project against its hash; names what is damaged."))
    project_command("status", mark("What the project holds and what comes next."))
    doctor = command("doctor", mark("What this machine offers, with a cure for each finding."))
    doctor.add_argument("--servers", action="store_true", help=mark("Ask the servers of your settings, too."))
    return parser


def _target(text: str) -> Path | str:
    """An address stays as it is: a path has no empty part."""
    return text if "://" in text else Path(text)


def _add_sources(parser: argparse.ArgumentParser, number: str = "+") -> None:
    parser.add_argument(
        "sources",
        nargs=number,
        type=Path,
        metavar="SOURCE",
        help=mark("PDFs, .txt, GROBID .xml, corpus.jsonl, or folders of them."),
    )


def _add_import_of_questions(group: argparse._ArgumentGroup) -> None:
    roles = ", ".join(Role)
    map_ = mark("Which column holds what, such as question=Frage,passage=Text; else it is guessed. [{roles}]")
    group.add_argument("--map", metavar="ROLE=COLUMN,...", help=map_.format(roles=roles))
    as_ = mark("Pairs to train on, or a labelled test set that is kept out of training. [pairs]")
    group.add_argument("--as", dest="target", choices=tuple(Target), default=Target.PAIRS, help=as_)
    group.add_argument("--name", metavar="NAME", help=mark("What the test set is called. [the file's name]"))
    group.add_argument("--sheet", metavar="NAME", default="", help=mark("Which sheet of a workbook. [the first]"))
    preview = mark("Show the columns, what they may hold and the first N rows; nothing is imported.")
    group.add_argument("--preview", type=int, metavar="N", help=preview)
    left_out = mark("Write the rows that were left out, with their lines and reasons, as CSV.")
    group.add_argument("--left-out", type=Path, metavar="FILE", help=left_out)


def _add_fields(parser: argparse._ActionsContainer, config: type[StageConfig], without: tuple[str, ...] = ()) -> None:
    """One flag for each field of a config, with its help; pydantic checks the bounds."""
    for name, field in config.model_fields.items():
        if name not in without:
            value = ", ".join(field.default) if isinstance(field.default, tuple) else field.default
            default = "" if value in (PydanticUndefined, None, "") else f" [{value}]"
            flag = f"--{name.replace('_', '-')}"
            metavar = name.rsplit("_", 1)[-1].upper()
            names = [flag, "--lr"] if name == "learning_rate" else [flag]
            help_ = f"{field.description}{default}".replace("%", "%%")
            more: dict[str, Any] = {"nargs": "?", "const": "true"} if field.annotation is bool else {}
            parser.add_argument(*names, dest=name, default=None, metavar=metavar, help=help_, **more)


def _add_predecessor(parser: argparse.ArgumentParser, flags: tuple[str, ...]) -> None:
    group = parser.add_argument_group(mark("without a project, as the predecessor's commands"))
    group.add_argument("--config", type=Path, metavar="FILE", help=mark("A config file of the predecessor."))
    for flag in flags:
        group.add_argument(flag, metavar=flag.rsplit("-", 1)[-1].upper())
