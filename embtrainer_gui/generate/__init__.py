"""Making question-answer pairs: the built-in generator (no LLM) and the checks on pairs of any source."""
