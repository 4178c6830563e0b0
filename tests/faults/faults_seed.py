"""Fills a database with a till, its people and cards: ``python faults_seed.py ODOO-ARGUMENTS…`` prints the world as JSON."""

import json
import sys

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

CARDS = 400
TILLS = 3
PRODUCTS = (("Mug", 10.0, 0.0), ("Lamp", 47.0, 0.0), ("Chair", 129.99, 0.0), ("Taxed lamp", 100.0, 7.0), ("Pencil", 0.85, 0.0))


def seed(env):
    """Make the world; return the ids that the tests need."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
    env.cr.commit()
    card_type = env["fidelity.card.type"].create(
        {
            "name": "Gift Points", "code": "gift-points", "number_prefix": "0490", "company_id": company.id,
            "benefit_ids": [(0, 0, {"points": 1, "step_amount": 10.0, "minimum_receipt": 0.0})],
        }
    )  # fmt: skip
    card_type._publish("2020-01-01 00:00:00")
    store = env["fidelity.store"].create({"name": "Central", "code": "C1"})
    return {
        "company": company.id,
        "cards": _cards(env, card_type),
        "products": _products(env, company),
        "tills": [_till(env, store, number) for number in range(TILLS)],
        "users": {
            "cashier": _user(env, "cashier", "point_of_sale.group_pos_user"),
            "manager": _user(env, "manager", "loyalty_fidelity.group_fidelity_manager"),
        },
    }


def _till(env, store, number):
    journal = env["account.journal"].create({"name": f"Cash of till {number}", "type": "cash", "code": f"TILL{number}"})
    cash = env["pos.payment.method"].create({"name": f"Cash {number}", "journal_id": journal.id})
    till = env["pos.config"].create(
        {"name": f"Till {number}", "payment_method_ids": [(6, 0, cash.ids)], "fidelity_store_id": store.id}
    )
    till = till.with_user(env.ref("base.user_admin"))
    till.open_ui()
    till.current_session_id.set_opening_control(0, None)
    return {"session": till.current_session_id.id, "cash": cash.id, "pricelist": till.pricelist_id.id}


def _cards(env, card_type):
    partners = env["res.partner"].create([{"name": f"Customer {number}"} for number in range(CARDS)])
    members = env["fidelity.member"].create([{"partner_id": partner.id, "card_type_id": card_type.id} for partner in partners])
    cards = env["fidelity.card"].create([{"card_type_id": card_type.id, "member_id": member.id} for member in members])
    return [
        {
            "number": card.number,
            "member": card.member_id.id,
            "partner": card.member_id.partner_id.id,
            "account": card.member_id.account_ids.id,
        }
        for card in cards
    ]


def _products(env, company):
    products = []
    for name, price, percent in PRODUCTS:
        tax = env["account.tax"]
        if percent:
            tax = tax.create({"name": f"Tax {percent}", "amount": percent, "company_id": company.id, "type_tax_use": "sale"})
        product = env["product.product"].create(
            {"name": name, "lst_price": price, "available_in_pos": True, "taxes_id": [(6, 0, tax.ids)]}
        )
        products.append({"id": product.id, "price": price, "taxes": tax.ids, "percent": percent})
    return products


def _user(env, login, group):
    user = env["res.users"].create(
        {
            "name": login.title(), "login": login, "password": f"{login}-password",
            "group_ids": [(6, 0, [env.ref("base.group_user").id, env.ref(group).id])],
        }
    )  # fmt: skip
    return user.id


if __name__ == "__main__":
    config.parse_config(sys.argv[1:], setup_logging=True)
    with Registry(config["db_name"][0]).cursor() as cr:
        world = seed(api.Environment(cr, SUPERUSER_ID, {}))
    print(json.dumps(world))
