"""Make the setup's toolbox importable; none of these tests needs Odoo, a database or a network."""

import sys
from pathlib import Path

SETUP = Path(__file__).resolve().parents[2] / "setup"
if str(SETUP) not in sys.path:
    sys.path.insert(0, str(SETUP))
