"""What a process may import before it has something to do."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("torch", "sentence_transformers", "transformers", "spacy", "pymupdf", "PySide6", "pyarrow", "faiss", "ray")


def loaded_after(code: str) -> set[str]:
    listing = f"{code}\nimport sys; print(*sorted(sys.modules))"
    result = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def test_that_the_command_line_starts_without_heavy_libraries() -> None:
    loaded = loaded_after("import embtrainer_gui.cli.commands, embtrainer_gui.cli.parser as p; p.build_parser()")
    assert not loaded.intersection(HEAVY)


def test_that_an_import_loads_no_model_library_in_the_parent() -> None:
    assert not loaded_after("import embtrainer_gui.stages.import_papers").intersection(HEAVY)


def test_that_reading_processes_are_started_before_anything_else_is_loaded() -> None:
    assert not loaded_after("import embtrainer_gui.core.child_process").intersection({"pydantic", "platformdirs"})


def test_that_models_are_found_and_checked_without_their_libraries() -> None:
    code = "from embtrainer_gui.core import base_model as b, model_store as s; from embtrainer_gui.core import "
    code += "model_catalogue as c; [s.model_state(m) for m in c.CATALOGUE]; b.model_folder(c.BUNDLED_MODEL)"
    assert not loaded_after(code).intersection({*HEAVY, "huggingface_hub", "safetensors", "httpx", "numpy"})


def test_that_bm25_search_needs_no_torch() -> None:
    loaded = loaded_after("import embtrainer_gui.stages.search")
    assert not loaded.intersection({"torch", "sentence_transformers", "transformers", "spacy", "pymupdf"})


def test_that_libraries_load_without_walks_over_what_they_hold() -> None:
    code = (
        "import gc, sys; import embtrainer_gui.__main__ as entry; usual = gc.get_threshold();"
        "sys.argv = ['embtrainer', 'status', '/no/such/project']; entry.main();"
        "print(gc.get_threshold()[0] > 10 * usual[0])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["True"]
