"""The keys of the whole window, as the manual lists them; the window makes them, no page may take them."""

from __future__ import annotations

from embtrainer_gui.core.translate import mark

WINDOW_KEYS = (
    ("Ctrl+1 ... Ctrl+7", mark("Go to a step")),
    ("Alt+Left, Alt+Right", mark("The step before, the step after")),
    ("Ctrl+O", mark("Open a project")),
    ("Ctrl+N", mark("New project")),
    ("Ctrl+,", mark("Settings")),
    ("F1", mark("Help for the page that is shown")),
    ("Ctrl+Q", mark("Close the window")),
)
