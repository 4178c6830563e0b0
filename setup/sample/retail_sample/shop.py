"""The company, its products, tills and payment methods, in Odoo's own records."""

import re
from dataclasses import dataclass
from typing import Any

from .catalogue import SHELVES
from .records import LoadError, ensure, ensure_many, find, remember

COMPANY = "Harbour Lane Gifts"
VAT_PERCENT = 20
TILLS = (
    ("london_1", "Covent Garden 1", "london"),
    ("london_2", "Covent Garden 2", "london"),
    ("dublin_1", "Grafton Street", "dublin"),
)


@dataclass(frozen=True)
class Shop:
    """What posting needs: company, tax and payment method for cards are records; ``tills`` is till key -> pos.config, ``products``
    stock code -> id, ``names`` stock code -> name, ``cash`` till key -> payment method.
    """

    company: Any
    tax: Any
    tills: dict
    products: dict
    names: dict
    cash: dict
    card: Any


def build(env, products, progress):
    """Make the shop, or find what an earlier run made.

    :param products: list of ``catalogue.Product``.
    :return: Shop
    :raise LoadError: the company's books were begun in another currency.
    """
    company = _company(env)
    tax = find(env, "vat") or _make_tax(env, company)
    card = ensure(env, "payment_card", "pos.payment.method", lambda: _card_values(env, company))
    account = ensure(
        env,
        "payment_account",
        "pos.payment.method",
        {"name": "Customer account", "company_id": company.id, "split_transactions": True, "sequence": 2},
    )
    tills, cash = {}, {}
    for number, (key, name, _store) in enumerate(TILLS, start=1):
        journal = ensure(
            env,
            f"journal_cash_{key}",
            "account.journal",
            {"name": f"Cash {name}", "type": "cash", "code": f"TILL{number}", "company_id": company.id},
        )
        cash[key] = ensure(
            env, f"payment_cash_{key}", "pos.payment.method",
            {"name": "Cash", "journal_id": journal.id, "company_id": company.id, "sequence": 0},
        )  # fmt: skip
        tills[key] = ensure(
            env, f"till_{key}", "pos.config",
            {"name": name, "company_id": company.id, "payment_method_ids": [(6, 0, [cash[key].id, card.id, account.id])],
             "iface_tax_included": "total"},
        )  # fmt: skip
    env.cr.commit()
    progress(f"Shop: {COMPANY}, {len(tills)} tills")
    names = {product.code: product.name for product in products}
    return Shop(company, tax, tills, _products(env, products, tax, progress), names, cash, card)


def product_name(code):
    """Return the name under which a stock code is remembered.

    >>> product_name("gift_0001_20"), product_name("15056BL")
    ('product_gift_0001_20', 'product_15056BL')
    """
    return "product_" + re.sub(r"[^A-Za-z0-9_]", "_", code)


def _company(env):
    """Name the company and give it the pound, the currency of the prices, before anything is booked."""
    company = env.company
    pound = env.ref("base.GBP")
    pound.active = True
    if company.currency_id != pound and company._existing_accounting():
        raise LoadError(
            f"The sample data is in pounds, and {company.name} already has journal entries in {company.currency_id.name}. "
            "Load it into a new database."
        )
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    if company.currency_id != pound or company.name != COMPANY:
        # Without this key Odoo would answer the new country by installing its national accounting modules.
        company.with_context(chart_template_load=True).write(
            {
                "name": COMPANY,
                "street": "12 Harbour Lane",
                "city": "London",
                "country_id": env.ref("base.uk").id,
                "account_fiscal_country_id": env.ref("base.uk").id,
                "currency_id": pound.id,
                "point_of_sale_update_stock_quantities": "closing",
            }
        )
    return company


def _make_tax(env, company):
    """Make the VAT of the prices, included in them, with the accounts of the chart's own sales tax; return it."""
    country = company.account_fiscal_country_id
    group = env["account.tax.group"].create({"name": "VAT", "company_id": company.id, "country_id": country.id})
    tax = company.account_sale_tax_id.copy(
        {
            "name": f"VAT {VAT_PERCENT}%",
            "amount": VAT_PERCENT,
            "price_include_override": "tax_included",
            "country_id": country.id,
            "tax_group_id": group.id,
        }
    )
    company.account_sale_tax_id = tax
    # Sold over the counter, goods bear this tax wherever the customer lives.
    env["account.fiscal.position"].search([("company_id", "=", company.id)]).auto_apply = False
    remember(env, [("vat", tax)])
    return tax


def _card_values(env, company):
    """Return the values of the payment method for bank cards, on the company's bank journal."""
    bank = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", company.id)], limit=1)
    return {"name": "Card", "journal_id": bank.id, "company_id": company.id, "sequence": 1}


def _products(env, products, tax, progress):
    """Make shelves and products; return stock code -> id of the product variant."""
    shelves, categories = {}, {}
    for position, shelf in enumerate(SHELVES):
        key = re.sub(r"\W+", "_", shelf.lower())
        categories[shelf] = ensure(env, f"category_{key}", "product.category", {"name": shelf}).id
        shelves[shelf] = ensure(
            env, f"shelf_{key}", "pos.category", {"name": shelf, "sequence": position, "color": position + 1}
        ).id
    wanted = {
        product_name(product.code): {
            "name": product.name,
            "default_code": product.code,
            "barcode": product.barcode or False,
            "type": "service" if product.is_service else "consu",
            "list_price": product.price / 100,
            "categ_id": categories[product.shelf],
            "pos_categ_ids": [(6, 0, [shelves[product.shelf]])],
            "taxes_id": [(6, 0, tax.ids)],
            "supplier_taxes_id": [(5, 0, 0)],
            "available_in_pos": True,
        }
        for product in products
    }
    made = ensure_many(env, "product.product", wanted, progress, "Products")
    return {product.code: made[product_name(product.code)] for product in products}
