"""Points that expire: a million lots (or as many as ``--lots`` says) of which a fifth are due, two of the ten of each account.

*ours* is the whole run: who is to be looked at, what they owe, what is set aside, and, batch by batch, postings with keyed
digests, entries, allocations, and the accounts written over so that nobody who spends at that moment is wrong. *raw* is one
statement that writes the same rows, for the lots alone, without digests and without asking what anybody owes.

``size`` is the number of lots. Goes roll back, so that every turn has the same work.
"""

import statistics

import harness
from ledger import _timed

from odoo.tools import SQL

RUNS = 3
LOTS_OF_ACCOUNT = 10
DUE_OF_ACCOUNT = 2

POSTINGS = """
INSERT INTO fidelity_posting (id, op_key, kind, occurred_at, posted_at, company_id, member_id, reason, digest_version, digest)
SELECT p.id, p.op_key, p.kind, p.occurred_at, p.posted_at, p.company_id, p.member_id, p.reason, p.digest_version, %(digest)s
  FROM (SELECT %(posting)s + s AS id, 'adjust:bench-' || s AS op_key, 'adjust' AS kind, %(moment)s::timestamp AS occurred_at,
               %(moment)s::timestamp AS posted_at, %(company)s AS company_id, %(member)s + s AS member_id, 'Bench' AS reason,
               NULL::text AS source_model, NULL::int AS source_id, 2 AS digest_version, f.entries, f.lots
          FROM generate_series(0, %(accounts)s - 1) s
    CROSS JOIN LATERAL (SELECT string_agg(k || ':' || (%(account)s + s) || ':adjust:' || 5 + k, ';' ORDER BY k) AS entries,
                               string_agg(k || ':' || to_char(%(expires)s, 'YYYY-MM-DD') || ':', ';' ORDER BY k) AS lots
                          FROM generate_series(1, %(each)s) k) f) p
"""
ENTRIES = """
INSERT INTO fidelity_ledger_entry (id, posting_id, sequence, account_id, kind, quantity, occurred_at)
SELECT %(entry)s + s * %(each)s + k, %(posting)s + s, k, %(account)s + s, 'adjust', 5 + k, %(moment)s
  FROM generate_series(0, %(accounts)s - 1) s, generate_series(1, %(each)s) k
"""
LOTS = """
INSERT INTO fidelity_lot (entry_id, account_id, quantity, expires_date)
SELECT %(entry)s + s * %(each)s + k, %(account)s + s, 5 + k, %(expires)s
  FROM generate_series(0, %(accounts)s - 1) s, generate_series(1, %(each)s) k
"""

RAW = """
WITH part AS MATERIALIZED (
    SELECT l.id, l.account_id, l.quantity - COALESCE(x.used, 0) AS quantity
      FROM fidelity_lot l
 LEFT JOIN (SELECT lot_id, sum(quantity) AS used FROM fidelity_lot_allocation GROUP BY lot_id) x ON x.lot_id = l.id
     WHERE l.expires_date < %(day)s AND l.quantity > COALESCE(x.used, 0)),
total AS MATERIALIZED (SELECT account_id, sum(quantity)::bigint AS quantity FROM part GROUP BY account_id),
posting AS (
    INSERT INTO fidelity_posting (op_key, kind, occurred_at, posted_at, company_id, member_id, author_name, digest, digest_version)
    SELECT 'expire:' || t.account_id || ':' || %(day)s, 'expire', now(), now(), %(company)s, m.id, 'Bench', repeat('0', 64), 2
      FROM total t JOIN fidelity_account a ON a.id = t.account_id JOIN fidelity_member m ON m.holder_id = a.holder_id
 RETURNING id, split_part(op_key, ':', 2)::int AS account_id),
entry AS (
    INSERT INTO fidelity_ledger_entry (posting_id, sequence, account_id, kind, quantity, occurred_at)
    SELECT p.id, 1, t.account_id, 'expire', -t.quantity, now() FROM posting p JOIN total t USING (account_id)
 RETURNING id, account_id),
allocation AS (
    INSERT INTO fidelity_lot_allocation (lot_id, entry_id, quantity)
    SELECT part.id, entry.id, part.quantity FROM part JOIN entry USING (account_id)),
touched AS (UPDATE fidelity_account SET folded_entry_id = folded_entry_id WHERE id IN (SELECT account_id FROM total))
SELECT count(*) FROM entry
"""


def _fill(env, accounts):
    """Give each of the first accounts its lots, of which the first ones are due."""
    if env.execute_query(SQL("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))[0][0]:
        env.cr.execute("SET session_replication_role = replica")
    member = env["fidelity.member"].search([], order="id", limit=1)
    first = dict.fromkeys(("posting", "entry"), 0)
    for name, table in (("posting", "fidelity_posting"), ("entry", "fidelity_ledger_entry")):
        first[name] = env.execute_query(SQL("SELECT COALESCE(max(id), 0) + 1 FROM %s", SQL.identifier(table)))[0][0]
    values = {
        **first, "accounts": accounts, "each": LOTS_OF_ACCOUNT, "company": env.company.id, "member": member.id,
        "account": member.account_ids.id, "moment": env.cr.now().replace(microsecond=0),
        "expires": SQL("((now() AT TIME ZONE 'UTC')::date - 3 + CASE WHEN k <= %s THEN 0 ELSE 60 * k END)", DUE_OF_ACCOUNT),
        "digest": env["fidelity.posting"]._digest_sql(SQL("p.entries"), SQL("p.lots"), SQL("NULL")),
    }  # fmt: skip
    for statement in (POSTINGS, ENTRIES, LOTS):
        env.cr.execute(SQL(statement, **values))
    for table, name, count in (("posting", "posting", 1), ("ledger_entry", "entry", LOTS_OF_ACCOUNT)):
        env.cr.execute(SQL("SELECT setval(%s, %s)", f"fidelity_{table}_id_seq", first[name] + accounts * count + 1))
    env.cr.execute("RESET session_replication_role")
    found = env["fidelity.verification"]._verify()
    assert found.state == "clean", (found.findings or "")[:1000]


def _ours(env):
    runs = env["fidelity.expiry.run"]
    run = runs._begin()
    while run._advance(lambda remaining: True):
        continue
    assert run.account_count, "nothing expired"


def _raw(env):
    env.cr.execute(SQL(RAW, day=env["fidelity.expiry.policy"]._today(), company=env.company.id))
    assert env.cr.fetchone()[0]


def run(databases, registry, runs):
    """Measure; yield the results."""
    lots = databases.sizes["lots"]
    accounts = lots // LOTS_OF_ACCOUNT
    template = databases.sized("ours", accounts)
    name = databases.changed(f"ours_{accounts}_expiry", template, lambda env: _fill(env, accounts))
    target = registry(name)
    taken = []
    for turn in range(RUNS):
        ways = [("ours", _ours), ("raw", _raw)]
        taken.append({way: _timed(target, work) for way, work in (ways if turn % 2 else reversed(ways))})
        # What a rolled back go leaves behind, autovacuum would have cleared before the next.
        for table in ("fidelity_account", "fidelity_posting", "fidelity_ledger_entry", "fidelity_lot_allocation"):
            databases.vacuum(name, table)
    median = {way: statistics.median(turn[way][0] for turn in taken) for way in ("ours", "raw")}
    yield harness.Result(
        "expiry", lots, "ms", round(median["ours"], 1), raw=round(median["raw"], 1), sql_statements=taken[-1]["ours"][1], runs=RUNS,
        notes={"due": accounts * DUE_OF_ACCOUNT, "accounts": accounts},
    )  # fmt: skip
