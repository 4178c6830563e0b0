"""Finding out who belongs to a segment, among 2,000 and 1,000,000 members; with ``--big`` after ten million entries too.

``segment_fill``: members with points, or whose birthday is near, who did not buy for a month: the first refresh, which brings in all of
them. ``segment_again``: the next one, which changes nothing. ours: every step of the refresh, in one transaction; raw: the same question
by hand in one statement, whose answer goes into a table with an index. ``segment_contains_1000``: ours asks a thousand times whether one
member belongs; raw looks it up in the index. ``size`` is the number of members; goes that write roll back.
"""

import statistics
import time

import harness
import ledger

from odoo import SUPERUSER_ID, Command, api

#: Entries, receipts and orders, members.
SMALL, LARGE = (2_000, 200, 2_000), (1_000_000, 100_000, 1_000_000)
RUNS = 3

CONDITIONS = (
    {
        "kind": "group",
        "match": "any",
        "child_ids": [Command.create({"kind": "balance", "number": 1}), Command.create({"kind": "birthday", "days": 7})],
    },
    {"kind": "last_purchase", "days": 30, "negated": True},
)
RAW = """
CREATE TEMP TABLE raw_segment ON COMMIT DROP AS
SELECT m.id AS member_id FROM fidelity_member m
  JOIN res_partner p ON p.id = m.partner_id
  LEFT JOIN (SELECT a.holder_id, a.folded_balance + COALESCE(e.quantity, 0) AS balance FROM fidelity_account a
          LEFT JOIN (SELECT account_id, sum(quantity) AS quantity FROM fidelity_ledger_entry
                      WHERE id > (SELECT COALESCE(max(folded_entry_id), 0) FROM fidelity_ledger_horizon)
                   GROUP BY account_id) e ON e.account_id = a.id
              WHERE a.unit = 'points') b ON b.holder_id = m.holder_id
  LEFT JOIN (SELECT member_id, max(occurred_at) AS last_at FROM fidelity_receipt WHERE total_minor > 0 GROUP BY member_id) r
         ON r.member_id = m.id
 WHERE m.state = 'active' AND (b.balance >= 1 OR p.fidelity_birthday BETWEEN 101 AND 108)
   AND (r.last_at IS NULL OR r.last_at < now() - interval '30 days')
"""


def _segment(env):
    """The segment, not refreshed yet."""
    values = {"name": "Bench", "company_id": False, "condition_ids": [Command.create(condition) for condition in CONDITIONS]}
    return env["fidelity.segment"].create(values)


def _fill(env):
    _segment(env)._refresh()


def _raw(env):
    env.cr.execute(RAW)
    env.cr.execute("CREATE UNIQUE INDEX ON raw_segment (member_id)")


def _twice(env):
    segment = _segment(env)
    segment._refresh()
    segment._refresh()


def _contains(registry):
    """Milliseconds of a thousand questions whether a member belongs: ours, and the plain look-up."""
    query = "SELECT 1 FROM fidelity_segment_member WHERE segment_id = %s AND member_id = %s"
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        segment = _segment(env)
        segment._refresh()
        member = env["fidelity.member"].search([], limit=1)
        started = time.perf_counter()
        for _turn in range(1000):
            segment._contains(member)
        between = time.perf_counter()
        for _turn in range(1000):
            cr.execute(query, [segment.id, member.id])
            cr.fetchall()
        ended = time.perf_counter()
        cr.rollback()
    return 1000 * (between - started), 1000 * (ended - between)


def _median(registry, work):
    goes = [ledger._timed(registry, work) for _turn in range(RUNS)]
    return statistics.median(spent for spent, _statements in goes), goes[0][1]


def run(databases, registry, runs):
    """Measure; yield the results."""
    for size in (SMALL, LARGE, *([ledger.BIG] if databases.big else [])):
        target = registry(ledger.made(databases, size))
        members = size[2]
        notes = {"entries": size[0], "receipts": size[1]}
        fill, statements = _median(target, _fill)
        raw, _one = _median(target, _raw)
        shown = {"raw": round(raw, 1), "notes": notes, "runs": RUNS}
        yield harness.Result("segment_fill", members, "ms", round(fill, 1), sql_statements=statements, **shown)
        both, all_statements = _median(target, _twice)
        yield harness.Result(
            "segment_again", members, "ms", round(both - fill, 1), sql_statements=all_statements - statements, **shown
        )
        ours, plain = _contains(target)
        yield harness.Result("segment_contains_1000", members, "ms", round(ours, 1), raw=round(plain, 1), runs=1)
