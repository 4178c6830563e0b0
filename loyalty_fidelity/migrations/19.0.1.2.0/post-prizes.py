"""Prizes that name a product are products; Odoo gave every existing prize the default kind."""


def migrate(cr, version):
    cr.execute("UPDATE fidelity_prize SET kind = 'product' WHERE product_id IS NOT NULL AND kind = 'sample'")
