"""Puts this folder's helpers on the path, says how to replay a run, and keeps the property tests repeatable."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

import rule_kernel

settings.register_profile("rules", deadline=None, derandomize=True, max_examples=200)
settings.load_profile("rules")


def pytest_report_header() -> str:
    """Show the seed of the random baskets."""
    return f"rules: LF_SEED={rule_kernel.SEED} replays the random baskets of this run"
