"""Indexes that unique constraints make superfluous; Odoo keeps what a field no longer asks for."""


def migrate(cr, version):
    cr.execute("DROP INDEX IF EXISTS fidelity_account__holder_id_index, fidelity_card__number_index")
