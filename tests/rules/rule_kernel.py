"""Loads the kernel as the package ``rules``, without Odoo and without putting an addon on the path."""

import importlib.util
import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "loyalty_fidelity" / "rules"
MIRROR = ROOT / "loyalty_fidelity_pos" / "static" / "src" / "app" / "rules"
VECTORS = ROOT / "loyalty_fidelity" / "tests" / "vectors"
MODULES = sorted(path.stem for path in KERNEL.glob("*.py") if path.stem != "__init__")
#: What a till never does by itself has no mirror.
PYTHON_ONLY = {"day", "expiry", "lots", "tier"}
MIRRORED = [name for name in MODULES if name not in PYTHON_ONLY]
SEED = int(os.environ.get("LF_SEED") or secrets.randbelow(2**32))


def load() -> None:
    """Make ``import rules`` give the kernel."""
    if "rules" not in sys.modules:
        place = [str(KERNEL)]
        spec = importlib.util.spec_from_file_location("rules", KERNEL / "__init__.py", submodule_search_locations=place)
        sys.modules["rules"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["rules"])


load()
