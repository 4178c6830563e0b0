"""Benchmarks: ours, native and raw SQL on the same work in one run. Prints figures and ratios; never fails by time.

Usage: run.py [NAME…] [--json FILE] [--runs N] [--big] [--fresh] [--keep] [--source DB] [--prefix NAME] [--lots N] [--members N]

Odoo is on PYTHONPATH and its settings are in the file that ODOO_RC names, PostgreSQL's in PG… variables. See docs/benchmarks.md.
"""

import argparse
import importlib
import logging
import os
import sys
from pathlib import Path

NAMES = (
    "kernel", "order", "scale", "identify", "search", "open_till", "ledger", "expiry", "load", "lifecycle", "tiers", "segments",
)  # fmt: skip


def _arguments(words):
    parser = argparse.ArgumentParser(prog="./setup/bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write one JSON object a line")
    parser.add_argument("--runs", type=int, default=40, metavar="N", help="turns to take the medians of")
    parser.add_argument("--big", action="store_true", help="also with ten million entries: an hour the first time, and 20 GB")
    parser.add_argument("--members", type=int, default=20_000, metavar="N", help="members whose tiers are found in one night")
    parser.add_argument("--fresh", action="store_true", help="make the databases anew")
    parser.add_argument("--keep", action="store_true", help="use the databases that are there though the addons changed since")
    parser.add_argument("--source", metavar="DB", help="a database with Odoo's point of sale to copy instead of installing one")
    parser.add_argument("--lots", type=int, default=1_000_000, metavar="N", help="lots of the benchmark expiry")
    parser.add_argument("--prefix", metavar="NAME", help="how the databases' names start")
    options = parser.parse_args(words)
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    return options


def _registry(name):
    from odoo.modules.registry import Registry

    return Registry(name)


def _show(result):
    ratios = result.ratios()
    parts = [f"ours {result.ours:g} {result.unit}"]
    for way, ratio, words in (
        ("base", "ratio_base", "ours is {} × it"),
        ("native", "ratio_native", "{} × ours"),
        ("raw", "ratio_raw", "ours is {} × it"),
    ):
        value = getattr(result, way)
        if value is not None:
            parts.append(f"{way} {value:g} ({words.format(ratios[ratio])})")
    if result.sql_statements is not None:
        parts.append(f"SQL {result.sql_statements}, base {result.sql_base}, native {result.sql_native}")
    parts += [f"{name} {value}" for name, value in result.notes.items()]
    print(f"{result.name} [{result.size}]: " + "; ".join(parts) + f"; {result.runs} runs", flush=True)


def main(words):
    """Run the command line; return its exit status."""
    options = _arguments(words)
    from odoo.tools import config

    config.parse_config(["--no-http", "--max-cron-threads=0", "--log-level=warn"], setup_logging=True)
    logging.getLogger("odoo").setLevel(logging.WARNING)
    import databases

    databases.hasty()
    prefix = options.prefix or os.environ.get("LOYALTY_FIDELITY_BENCH_DB", "loyalty_fidelity_bench")
    source = options.source or os.environ.get("LOYALTY_FIDELITY_BENCH_SOURCE")
    sizes = {"lots": options.lots, "members": options.members}
    made = databases.Databases(prefix, source, options.fresh, options.keep, options.big, **sizes)
    lines = []
    for name in options.names or NAMES:
        for result in importlib.import_module(name).run(made, _registry, options.runs):
            _show(result)
            lines.append(result.line())
            if options.json:
                options.json.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
