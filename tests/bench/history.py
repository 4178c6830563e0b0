"""Years of sales by SQL: a ledger of so many entries, of which so many are receipts of orders of the till.

Rows are copies of one real sale, posted by the product, or say what the product would have written; every digest is right, every
receipt has its order and every use its lot, so that the whole proves. The guards are on; where the role is allowed to, PostgreSQL
does not look up every foreign key anew.
"""

import basket
import fill
from databases import say
from order import Till

from odoo.tools import SQL

#: Rows a transaction: a long one keeps every ledger of this PostgreSQL from being folded and sealed.
PART = 100_000
#: The last part of the ledger, where members also use points.
USES_FROM = 0.95
#: Entries that are not folded yet.
UNFOLDED = 1_000_000
DAYS = 700

POSTINGS = """
INSERT INTO fidelity_posting (id, op_key, kind, occurred_at, posted_at, company_id, store_id, member_id, source_model, source_id,
                              source_ref, author_name, reason, digest_version, digest)
SELECT p.id, p.op_key, p.kind, p.occurred_at, p.posted_at, p.company_id, %(store)s, p.member_id, p.source_model, p.source_id,
       p.source_ref, 'Bench', p.reason, p.digest_version, %(digest)s
  FROM (SELECT %(posting)s + s AS id,
               CASE WHEN r THEN 'pos.order:' || md5('order' || s)::uuid ELSE 'adjust:bench-' || s END AS op_key,
               CASE WHEN r THEN 'receipt' ELSE 'adjust' END AS kind, %(moment)s AS occurred_at, %(moment)s AS posted_at,
               %(company)s AS company_id, %(member)s + place AS member_id,
               CASE WHEN r THEN 'pos.order' END AS source_model, CASE WHEN r THEN %(order)s + s / %(every)s END AS source_id,
               CASE WHEN r THEN 'Bench/' || s END AS source_ref, CASE WHEN NOT r THEN 'Bench' END AS reason, 2 AS digest_version,
               '1:' || (%(account)s + place) || ':' || CASE WHEN r THEN 'earn' ELSE 'adjust' END || ':' || quantity AS entries,
               CASE WHEN quantity < 0 THEN '1:' || (%(lot)s + s - %(members)s) || ':' || -quantity END AS uses
          FROM %(facts)s f) p
"""
ENTRIES = """
INSERT INTO fidelity_ledger_entry (id, posting_id, sequence, account_id, kind, quantity, occurred_at)
SELECT %(entry)s + s, %(posting)s + s, 1, %(account)s + place, CASE WHEN r THEN 'earn' ELSE 'adjust' END, quantity, %(moment)s
  FROM %(facts)s f
"""
LOTS = """
INSERT INTO fidelity_lot (id, entry_id, account_id, quantity)
SELECT %(lot)s + s, %(entry)s + s, %(account)s + place, quantity FROM %(facts)s f WHERE quantity > 0
"""
USES = """
INSERT INTO fidelity_lot_allocation (lot_id, entry_id, quantity)
SELECT %(lot)s + s - %(members)s, %(entry)s + s, -quantity FROM %(facts)s f WHERE quantity < 0
"""


def settle(env, entry_id, posting_id):
    """Fold and seal up to these ids."""
    horizon, seals = env["fidelity.ledger.horizon"], env["fidelity.ledger.seal"]
    horizon._advance()
    while horizon._fold_up_to(entry_id):
        env.cr.commit()
    while seals._seal_up_to(posting_id):
        env.cr.commit()


def post(env, entries, receipts, members):
    """Fill.

    :param int entries: of the ledger
    :param int receipts: so many of them are of orders
    :param int members: of whom each has his share
    """
    first = _first_sale(env)
    every = entries // receipts
    say(f"  {receipts} orders")
    if env.execute_query(SQL("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))[0][0]:
        env.cr.execute("SET session_replication_role = replica")
    _orders(env, first, entries, receipts, every, members)
    values = {name: SQL("%s", first[name]) for name in ("order", "posting", "entry", "lot", "member", "account")}
    values |= {
        "store": first["store"], "company": first["company"], "every": SQL("%s", every), "members": SQL("%s", members),
        "moment": _moment(SQL("s"), entries),
        "digest": env["fidelity.posting"]._digest_sql(SQL("p.entries"), SQL("NULL"), SQL("p.uses")),
    }  # fmt: skip
    for start in range(1, entries, PART):
        end = min(entries - 1, start + PART - 1)
        if end % 1_000_000 < PART:
            say(f"  entries up to {end + 1}")
        facts = _facts(start, end, every, members, entries)
        for statement in (POSTINGS, ENTRIES, LOTS, USES):
            env.cr.execute(SQL(statement, **values, facts=facts))
            env.cr.commit()
    _receipts(env, first, entries, receipts, every, members)
    for table, start in (("posting", "posting"), ("ledger_entry", "entry"), ("lot", "lot")):
        env.cr.execute(SQL("SELECT setval(%s, %s)", f"fidelity_{table}_id_seq", first[start] + entries - 1))
    env.cr.commit()
    env.cr.execute("RESET session_replication_role")
    say("  folding and sealing")
    settle(env, first["entry"] + entries - 1 - (UNFOLDED if entries > UNFOLDED else 0), first["posting"] + entries - 1)


def _first_sale(env):
    """Sell once, as the till does; return the ids of what came of it."""
    till = Till(env.registry)
    data = basket.order(till.place, 0, till.products[-1:], claim=True)
    env(user=till.uid)["pos.order"].sync_from_ui([data])
    env.flush_all()
    row = env.execute_query_dict(
        SQL(
            """
            SELECT o.id AS order, l.id AS line, y.id AS payment, o.session_id AS session, p.id AS posting, e.id AS entry, t.id AS lot,
                   r.id AS receipt, rl.id AS receipt_line, p.member_id AS member, p.company_id AS company, p.store_id AS store,
                   e.account_id AS account, r.card_id AS card, o.partner_id AS partner
              FROM pos_order o JOIN pos_order_line l ON l.order_id = o.id JOIN pos_payment y ON y.pos_order_id = o.id
              JOIN fidelity_receipt r ON r.source_id = o.id AND r.source_model = 'pos.order'
              JOIN fidelity_receipt_line rl ON rl.receipt_id = r.id JOIN fidelity_posting p ON p.id = r.posting_id
              JOIN fidelity_ledger_entry e ON e.posting_id = p.id JOIN fidelity_lot t ON t.entry_id = e.id
             WHERE o.uuid = %s
            """,
            data["uuid"],
        )
    )
    return row[0]


def _moment(s, entries):
    """SQL of when number ``s`` happened."""
    step = DAYS * 86_400 / entries
    return SQL(
        "date_trunc('second', now() AT TIME ZONE 'UTC' - %s * interval '1 day' + %s * %s * interval '1 second')", DAYS, s, step
    )


def _place(s, members):
    """SQL of which member number ``s`` belongs to: each has one in so many, far apart."""
    return SQL("((%s)::bigint * 7919 %% %s)::int", s, members)


def _facts(start, end, every, members, entries):
    """SQL of a table: number of the entry, whose, whether it is of a receipt, how much."""
    return SQL(
        "(SELECT s, %(place)s AS place, s %% %(every)s = 0 AS r, CASE WHEN s %% %(every)s = 0 THEN 2"
        " WHEN s > %(uses)s AND s > %(members)s THEN -1 ELSE 1 + s %% 20 END AS quantity FROM generate_series(%(start)s, %(end)s) s)",
        place=_place(SQL("s"), members), every=every, members=members, uses=round(USES_FROM * entries), start=start, end=end,
    )  # fmt: skip


def _orders(env, first, entries, receipts, every, members):
    """Copy the order into closed sessions of a thousand."""
    count = (receipts + 999) // 1000 + 1
    fill.copy(
        env, "pos_session", first["session"], count, name=SQL("'BENCH/' || s"), state=SQL("'closed'"), access_token=SQL("NULL")
    )
    moment = _moment(SQL("(s * %s)", every), entries)
    place = _place(SQL("(s * %s)", every), members)
    token = SQL("md5('order' || s * %s)::uuid::text", every)
    fill.copy(
        env, "pos_order", first["order"], receipts, PART, uuid=token, access_token=SQL("NULL"), name=SQL("'Bench/' || s * %s", every),
        pos_reference=SQL("'B' || s"), session_id=SQL("%s + (s - 1) / 1000 + 1", first["session"]), state=SQL("'done'"),
        partner_id=SQL("%s + %s", first["partner"], place), date_order=moment,
    )  # fmt: skip
    for table, name in (("pos_order_line", "line"), ("pos_payment", "payment")):
        owner = "order_id" if name == "line" else "pos_order_id"
        owners = {owner: SQL("%s + s", first["order"]), "uuid": SQL("md5(%s || s)::uuid::text", name)}
        fill.copy(env, table, first[name], receipts, PART, **owners)


def _receipts(env, first, entries, receipts, every, members):
    """Copy the receipt and its line."""
    place = _place(SQL("(s * %s)", every), members)
    moment = _moment(SQL("(s * %s)", every), entries)
    fill.copy(
        env, "fidelity_receipt", first["receipt"], receipts, PART, posting_id=SQL("%s + s * %s", first["posting"], every),
        source_id=SQL("%s + s", first["order"]), source_ref=SQL("'Bench/' || s * %s", every), occurred_at=moment, posted_at=moment,
        member_id=SQL("%s + %s", first["member"], place), card_id=SQL("%s + %s", first["card"], place),
    )  # fmt: skip
    fill.copy(
        env, "fidelity_receipt_line", first["receipt_line"], receipts, PART, receipt_id=SQL("%s + s", first["receipt"]),
        source_key=SQL("md5('line' || s)::uuid::text"),
    )  # fmt: skip
