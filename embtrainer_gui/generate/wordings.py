"""The built-in generator as it is asked to word its questions."""

from __future__ import annotations

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.generate.builtin import BuiltinGenerator
from embtrainer_gui.generate.careful.generator import CarefulGenerator


def builtin_generator(config: GenerateConfig) -> BuiltinGenerator:
    """The one of ``config.wording``."""
    return CarefulGenerator(config) if config.wording == "careful" else BuiltinGenerator(config)
