"""Steps in the life of a shop, run in an Odoo process: ``lifecycle_shop.py STEPS ODOO-ARGUMENTS…``.

``STEPS`` is JSON, a list of ``[step, arguments…]``. A step is a function below that gets the superuser's environment; what the steps
return is printed as a JSON list. They run with our addons, with a released version of them and without them.
"""

import json
import sys
import uuid
from datetime import datetime, timezone

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.tools import config

PRODUCTS = (("Mug", 10.0), ("Lamp", 47.0), ("Chair", 129.99))
MEMBERS = 4


def has_loyalty(env):
    """Whether our addons are installed."""
    return "fidelity.card" in env and "fidelity_claim" in env["pos.order"]._fields


def fill(env):
    """A till in an open session with three sales, one of them partly given back; with our addons all of loyalty."""
    env["ir.module.module"].update_list()
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company=env.company, install_demo=False)
    env.cr.commit()
    for name, price in PRODUCTS:
        env["product.product"].create({"name": name, "lst_price": price, "available_in_pos": True, "default_code": name.upper()})
    for number in range(MEMBERS):
        env["res.partner"].create({"name": f"Customer {number}", "ref": f"CUSTOMER{number}"})
    journal = env["account.journal"].create({"name": "Cash of the till", "type": "cash", "code": "TILLC"})
    cash = env["pos.payment.method"].create({"name": "Cash", "journal_id": journal.id})
    till = env["pos.config"].create({"name": "Lifecycle till", "payment_method_ids": [Command.set(cash.ids)]})
    till = till.with_user(env.ref("base.user_admin"))
    till.open_ui()
    till.current_session_id.set_opening_control(0, None)
    if has_loyalty(env):
        loyalty(env)
    sales = [sell(env, customer)["order"] for customer in (0, 1, 0)]
    give_back(env, sales[0], 1)
    discounted(env)
    if has_loyalty(env):
        traces(env)
    return sales


def discounted(env):
    """A sale with a line of the product of loyalty discounts, which must outlive our addons; without them, one like it."""
    product = env.ref("loyalty_fidelity_pos.product_fidelity_discount", raise_if_not_found=False)
    product = product or env["product.product"].create(
        {"name": "Loyalty discount", "active": False, "type": "service", "taxes_id": [Command.clear()]}
    )
    lamp = env["product.product"].search([("default_code", "=", "LAMP")])
    _sync(env, [_line(lamp, 1, 47.0), _line(product, 1, -5.0)], env["res.partner"].search([("ref", "=", "CUSTOMER3")]), card=False)


def loyalty(env):
    """A store, a published card type, members with cards."""
    store = env["fidelity.store"].create({"name": "Central", "code": "C1", "manager_id": env.ref("base.user_admin").id})
    env["pos.config"].search([("name", "=", "Lifecycle till")]).fidelity_store_id = store
    card_type = env["fidelity.card.type"].create(
        {
            "name": "Gift Points", "code": "gift-points", "number_prefix": "0490", "company_id": env.company.id,
            "benefit_ids": [Command.create({"points": 1, "step_amount": 10.0, "minimum_receipt": 0.0})],
        }
    )  # fmt: skip
    card_type._publish("2020-01-01 00:00:00")
    for number in range(MEMBERS):
        partner = env["res.partner"].search([("ref", "=", f"CUSTOMER{number}")])
        member = env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": card_type.id, "store_id": store.id})
        env["fidelity.card"].create({"card_type_id": card_type.id, "member_id": member.id})
    env["fidelity.card"].search([], limit=1)._replace("Worn")


def traces(env):
    """What people leave behind: corrections, proofs, seals, something that waits, notes, files, filters, defaults of theirs."""
    member = env["fidelity.member"].search([], order="id", limit=1)
    wizard = env["fidelity.adjustment"].create({"member_id": member.id, "quantity": 7, "reason": "Welcome"})
    wizard.action_post()
    env["fidelity.ledger.seal"]._seal_up_to(max(env["fidelity.posting"].search([]).ids) - 1)
    env["fidelity.verification"]._verify()
    order = env["pos.order"].search([("fidelity_claim", "!=", False)], limit=1)
    env["fidelity.outbox"]._enqueue(order, "pos.order:waits", "The network was away")
    note = {"model": member._name, "res_id": member.id, "body": "Asked for a paper statement"}
    env["mail.message"].create(note)
    env["ir.attachment"].create({"name": "consent.txt", "raw": b"signed", "res_model": member._name, "res_id": member.id})
    env["ir.filters"].create({"name": "Mine", "model_id": "fidelity.member", "user_ids": [Command.set([SUPERUSER_ID])]})
    env["ir.default"].set("fidelity.store", "sequence", 20)
    env["ir.exports"].create({"name": "Members", "resource": "fidelity.member"})
    env["ir.config_parameter"].set_param("loyalty_fidelity.clock_ahead_minutes", "15")
    action = env["ir.actions.act_window"].create({"name": "Gold members", "res_model": "fidelity.member", "view_mode": "list"})
    env["ir.ui.menu"].create({"name": "Gold members", "action": f"{action._name},{action.id}"})
    for arch, inherited in (
        ("<list><field name='balance'/></list>", False),
        ("<field name='partner_id' position='after'><field name='tier_id'/></field>", "fidelity_member_view_list"),
    ):
        env["ir.ui.view"].create(
            {
                "name": "Made here", "model": "fidelity.member", "arch": arch,
                "inherit_id": inherited and env.ref(f"loyalty_fidelity.{inherited}").id,
            }
        )  # fmt: skip


# -- selling -------------------------------------------------------------------------------------------------------------


def _card(env, partner):
    """The working card of a customer, empty without our addons."""
    if not has_loyalty(env):
        return None
    return env["fidelity.card"].search([("partner_id", "=", partner.id), ("state", "=", "active")], limit=1)


def _sync(env, lines, partner, card=True, **values):
    """Send a paid order as a till does, with the customer's card where he has one; return the order."""
    session = env["pos.config"].search([("name", "=", "Lifecycle till")]).current_session_id
    now = datetime.now(timezone.utc)
    total = round(sum(line["price_subtotal_incl"] for line in lines), 2)
    key = str(uuid.uuid4())
    data = {
        "uuid": key, "name": f"Order {key}", "state": "paid", "amount_paid": total, "amount_return": 0, "amount_tax": 0,
        "amount_total": total, "date_order": f"{now:%Y-%m-%d %H:%M:%S}", "fiscal_position_id": False, "to_invoice": False,
        "pricelist_id": session.config_id.pricelist_id.id, "last_order_preparation_change": "{}",
        "lines": [Command.create(line) for line in lines], "partner_id": partner.id, "session_id": session.id,
        "user_id": env.ref("base.user_admin").id,
        "payment_ids": [Command.create({"amount": total, "name": f"{now:%Y-%m-%d %H:%M:%S}", "uuid": str(uuid.uuid4()),
                                        "payment_method_id": session.config_id.payment_method_ids[0].id})],
        **values,
    }  # fmt: skip
    card = card and _card(env, partner)
    if card and not values.get("is_refund"):
        claim = {
            "v": 1, "card": card.number, "entry": "scan", "screen": "product", "offline": False,
            "added_at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        }  # fmt: skip
        data["fidelity_claim"] = json.dumps(claim)
    env["pos.order"].with_user(env.ref("base.user_admin")).sync_from_ui([data])
    return env["pos.order"].search([("uuid", "=", key)])


def _line(product, quantity, price, **values):
    amount = round(price * quantity, 2)
    return {
        "uuid": str(uuid.uuid4()), "product_id": product.id, "qty": quantity, "price_unit": price, "discount": 0,
        "tax_ids": [Command.set([])], "price_subtotal": amount, "price_subtotal_incl": amount, "pack_lot_ids": [], **values,
    }  # fmt: skip


def sell(env, customer):
    """Sell one of each product; return {"order": id, "points": what was posted, or None}."""
    products = [env["product.product"].search([("default_code", "=", name.upper())]) for name, _price in PRODUCTS]
    lines = [_line(product, 1, price) for product, (_name, price) in zip(products, PRODUCTS, strict=True)]
    order = _sync(env, lines, env["res.partner"].search([("ref", "=", f"CUSTOMER{customer}")]))
    return {"order": order.id, "state": order.state, "points": _points(env, order)}


def give_back(env, order_id, number):
    """Give line ``number`` of an order back; return as :func:`sell` does."""
    order = env["pos.order"].browse(order_id)
    line = order.lines[number]
    lines = [_line(line.product_id, -line.qty, line.price_unit, refunded_orderline_id=line.id)]
    refund = _sync(env, lines, order.partner_id, is_refund=True)
    return {"order": refund.id, "state": refund.state, "points": _points(env, refund)}


def _points(env, order):
    receipt = env["fidelity.receipt"]._of(order) if has_loyalty(env) else None
    return receipt.points if receipt else None


# -- looking -------------------------------------------------------------------------------------------------------------


def till_loads(env):
    """Load everything that a till loads at opening, and compile its assets; return the number of models and of bytes."""
    session = env["pos.config"].search([("name", "=", "Lifecycle till")]).current_session_id
    session = session.with_user(env.ref("base.user_admin"))
    params = session.load_data_params()
    data = session.load_data([])
    assert data.keys() <= params.keys()
    bundle = env["ir.qweb"]._get_asset_bundle("point_of_sale._assets_pos", css=False, js=True)
    return {"models": len(data), "script": len(bundle.js().raw)}


def screens_open(env):
    """Validate every view of the database and open the orders; return the number of views."""
    views = env["ir.ui.view"].search([])
    for view in views.filtered(lambda view: view.type != "qweb"):
        view._check_xml()
    for view_type in ("list", "form", "search"):
        env["pos.order"].get_view(view_type=view_type)
        env["res.partner"].get_view(view_type=view_type)
    orders = env["pos.order"].search([])
    orders.read()
    return len(views)


def close_session(env):
    """Close the till's session with its journal entries; return its state and that of its orders."""
    session = env["pos.config"].search([("name", "=", "Lifecycle till")]).current_session_id
    session.post_closing_cash_details(session.cash_register_balance_end)
    session.close_session_from_ui()
    return {"session": session.state, "orders": sorted(set(session.order_ids.mapped("state"))), "entry": session.move_id.state}


def open_session(env):
    """Open the next session."""
    till = env["pos.config"].search([("name", "=", "Lifecycle till")]).with_user(env.ref("base.user_admin"))
    till.open_ui()
    till.current_session_id.set_opening_control(0, None)
    return till.current_session_id.state


def ledger(env):
    """What the ledger says: balances by customer, numbers of rows, and whether it is proved."""
    verification = env["fidelity.verification"]._verify()
    members = env["fidelity.member"].with_context(active_test=False).search([])
    return {
        "balances": {member.partner_id.ref: member.balance for member in members},
        "postings": env["fidelity.posting"].search_count([]),
        "findings": verification.findings or "",
        "rulesets": [env["fidelity.ruleset"]._parsed(found.id).schema for found in env["fidelity.ruleset"].search([])],
    }


def join(env):
    """Begin loyalty in a shop that has everything else; return the numbers of what is there before."""
    before = {
        name: env[name].search_count([]) for name in ("fidelity.posting", "fidelity.member", "fidelity.card", "fidelity.outbox")
    }
    loyalty(env)
    return before


def _run(registry, step, arguments):
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        outcome = globals()[step](env, *arguments)
        env.flush_all()
    return outcome


if __name__ == "__main__":
    config.parse_config(sys.argv[2:], setup_logging=True)
    registry = Registry(config["db_name"][0])
    print(json.dumps([_run(registry, step, arguments) for step, *arguments in json.loads(sys.argv[1])]))
