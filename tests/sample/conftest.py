"""Make the sample's pure modules importable; none of them needs Odoo."""

import sys
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "setup" / "sample"
if str(SAMPLE) not in sys.path:
    sys.path.insert(0, str(SAMPLE))
