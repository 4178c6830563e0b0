"""Customers, members and cards by SQL: a million in a minute. Rows are copies of the first one, which the ORM made."""

from databases import say

from odoo.tools import SQL


def base(env, partners, members):
    """Customers only."""
    _partners(env, partners)


def ours(env, partners, members):
    """Customers, and the first ``members`` of them as members with a holder, an account and a card."""
    first = _partners(env, partners)
    member = env["fidelity.member"].search([("partner_id", "=", first)])
    card, holder = member.card_ids, member.holder_id
    account = holder.account_ids
    say(f"  {members} members")
    holders = copy(env, "fidelity_holder", holder.id, members)
    copy(env, "fidelity_account", account.id, members, holder_id=SQL("%s + s", holders))
    member_ids = copy(
        env, "fidelity_member", member.id, members,
        partner_id=SQL("%s + s", first), holder_id=SQL("%s + s", holders),
    )  # fmt: skip
    copy(env, "fidelity_card", card.id, members, member_id=SQL("%s + s", member_ids), number=_number(card.number[:4]))


def native(env, partners, members):
    """Customers, and the first ``members`` of them with a card of Odoo's own programme."""
    first = _partners(env, partners)
    card = env["loyalty.card"].search([("partner_id", "=", first)])
    say(f"  {members} cards")
    copy(
        env, "loyalty_card", card.id, members,
        partner_id=SQL("%s + s", first), code=SQL("'044' || lpad(to_hex(s), 12, '0')"),
    )  # fmt: skip


def _partners(env, count):
    """Fill up to ``count`` customers; return the first one's id: customer ``s`` (from 0) has that id plus ``s``."""
    import content

    first = content.customer(env).id
    say(f"  {count} customers")
    start = copy(
        env, "res_partner", first, count,
        name=SQL("'Customer ' || s"), complete_name=SQL("'Customer ' || s"), commercial_partner_id=SQL("%s + s", first),
        email=SQL("'c' || s || '@example.com'"), email_normalized=SQL("'c' || s || '@example.com'"),
    )  # fmt: skip
    assert start == first
    return first


def copy(env, table, row_id, count, part=None, **changes):
    """Copy a table's highest row into the ``count - 1`` ids after it.

    :param part: commit after so many; None: not at all
    :param changes: column → SQL of its value in copy number ``s`` (1 to count − 1)
    :return: the id of the row, so that copy ``s`` has that id plus ``s``
    """
    env.flush_all()
    rows = env.execute_query(
        SQL(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema AND table_name = %s"
            " AND column_name <> 'id'",
            table,
        )
    )
    columns = [name for (name,) in rows]
    assert env.execute_query(SQL("SELECT max(id) FROM %s", SQL.identifier(table))) == [(row_id,)], f"{table} has later rows"
    env.cr.execute(SQL("SELECT setval(%s, %s)", f"{table}_id_seq", row_id + count - 1))
    for start in range(1, count, part or count):
        env.cr.execute(
            SQL(
                "INSERT INTO %s (id, %s) SELECT %s + s, %s FROM %s t, generate_series(%s, %s) s WHERE t.id = %s",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                row_id,
                SQL(", ").join(changes.get(name, SQL.identifier("t", name)) for name in columns),
                SQL.identifier(table),
                start,
                min(count, start + (part or count)) - 1,
                row_id,
            )
        )
        if part:
            env.cr.commit()
    env.invalidate_all()
    return row_id


def _number(prefix):
    """SQL of the valid EAN-13 of card number ``s + 1`` under a prefix."""
    body = SQL("lpad(((%s::bigint) * 10 ^ %s + s + 1)::bigint::text, 12, '0')", prefix, 12 - len(prefix))
    weights = SQL(" + ").join(SQL("substr(b, %s, 1)::int * %s", place, 3 if place % 2 == 0 else 1) for place in range(1, 13))
    return SQL("(SELECT b || (10 - (%s) %% 10) %% 10 FROM (SELECT %s AS b) n)", weights, body)
