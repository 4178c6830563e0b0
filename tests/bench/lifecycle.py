"""Upgrading, exporting and uninstalling a shop with a million entries, as whole Odoo processes, start included.

ours: with a million receipts, each with its posting, entry, lot and line; base: the same shop with five. The shop begins with the last
released version of the addons, kept in ``tests/lifecycle/released``.
"""

import sys
import tempfile
import time
from pathlib import Path

import harness
from databases import say

from odoo import sql_db

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lifecycle"))

ENTRIES = 1_000_000

#: As a till's sales leave them, on the columns of the released version; the ids continue those that are there.
PARTS = (
    """
    INSERT INTO fidelity_posting (op_key, kind, occurred_at, posted_at, company_id, store_id, member_id, source_model, source_id, digest)
    SELECT 'bench:' || s, 'receipt', t, t, m.company, m.store_id, m.id, 'bench', s, repeat(md5(s::text), 2)
      FROM (SELECT s, timestamp '2026-01-01' + s * interval '1 second' AS t FROM generate_series(1, %s) s) x,
           (SELECT min(id) AS id, min(store_id) AS store_id, (SELECT min(id) FROM res_company) AS company FROM fidelity_member) m
    """,
    """
    INSERT INTO fidelity_ledger_entry (posting_id, sequence, account_id, kind, quantity, occurred_at)
    SELECT p.id, 1, a.id, 'earn', 1 + p.id % 20, p.occurred_at
      FROM fidelity_posting p, (SELECT min(id) AS id FROM fidelity_account) a WHERE p.source_model = 'bench'
    """,
    """
    INSERT INTO fidelity_lot (entry_id, account_id, quantity)
    SELECT e.id, e.account_id, e.quantity FROM fidelity_ledger_entry e JOIN fidelity_posting p ON p.id = e.posting_id
     WHERE p.source_model = 'bench'
    """,
    """
    INSERT INTO fidelity_receipt (posting_id, member_id, company_id, store_id, currency_id, source_model, source_id, source_ref,
                                  occurred_at, posted_at, points, total_minor, base_minor, outcome)
    SELECT p.id, p.member_id, p.company_id, p.store_id, c.currency_id, 'bench', p.source_id, 'Order ' || p.source_id,
           p.occurred_at, p.posted_at, 1 + p.id % 20, 1000, 1000, 'earned'
      FROM fidelity_posting p JOIN res_company c ON c.id = p.company_id WHERE p.source_model = 'bench'
    """,
    """
    INSERT INTO fidelity_receipt_line (receipt_id, sequence, source_key, kind, name, quantity_micro, total_minor, untaxed_minor, points)
    SELECT r.id, 1, 'bench:' || r.source_id, 'sale', 'Mug', 1000000, 1000, 1000, r.points
      FROM fidelity_receipt r WHERE r.source_model = 'bench'
    """,
    "ANALYZE",
)


def _live(environment, source, version, entries, folder):
    """One shop's life; return {what: seconds}."""
    import released

    title = f"bench_{entries}"
    addons = released.unpack(version, folder / title)
    name = environment.copy(source, title)
    environment.change_modules(name, "-i", "loyalty_fidelity_pos", addons=addons)
    environment.in_shop(name, "fill", addons=addons)
    for part in PARTS:
        environment.query(name, part, *([entries] if "%s" in part else []))
    taken = {}
    for what, words in (
        ("upgrade", ("-u", "loyalty_fidelity", "-d", name, "--stop-after-init", "--no-http", "--max-cron-threads=0")),
        ("export", ("fidelity_export", "-d", name, "--output", folder / f"{title}.zip")),
        ("uninstall", ("module", "uninstall", "loyalty_fidelity", "-d", name)),
    ):
        started = time.monotonic()
        environment.run_odoo(*words)
        taken[what] = time.monotonic() - started
    taken["zip"] = (folder / f"{title}.zip").stat().st_size
    environment.drop(name)
    return taken


def run(databases, registry, runs):
    """Measure; yield the results."""
    import lifecycle_environment as environment
    import released

    environment.PREFIX = f"{databases.prefix}_lifecycle"
    version = max(released.COMMITS)
    source = databases.base()
    sql_db.close_all()
    with tempfile.TemporaryDirectory() as folder:
        say(f"  a shop with {version} and {ENTRIES} entries")
        small, large = (_live(environment, source, version, entries, Path(folder)) for entries in (5, ENTRIES))
    for what in ("upgrade", "export", "uninstall"):
        yield harness.Result(f"lifecycle_{what}", ENTRIES, "s", round(large[what], 1), base=round(small[what], 1), runs=1)
    yield harness.Result("lifecycle_zip", ENTRIES, "bytes", large["zip"], base=small["zip"], runs=1)
