"""Names of the environment, for modules that must load at once (``core.settings`` brings pydantic)."""

from __future__ import annotations

KEY_VARIABLE = "EMBTRAINER_API_KEY"  # no key is ever in the settings
