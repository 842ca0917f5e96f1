"""Records, configs, messages and the project store; nothing here imports Qt, torch, spaCy or PyMuPDF."""
