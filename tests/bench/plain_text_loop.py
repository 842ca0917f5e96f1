"""The yardstick of the import: a plain loop over the pages, as a user would write it. plain_text_loop.py PDF..."""

from __future__ import annotations

import sys

import pymupdf

pages = characters = 0
for name in sys.argv[1:]:
    with pymupdf.open(name) as document:
        for page in document:
            characters += len(page.get_text())
            pages += 1
print(f'{{"pages": {pages}, "characters": {characters}}}')
