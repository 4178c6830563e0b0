"""Puts this folder's helpers on the path and says how to replay a run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import history


def pytest_report_header():
    """Say how to replay the run."""
    return f"histories: LF_SEED={history.SEED} replays the random histories of this run"
