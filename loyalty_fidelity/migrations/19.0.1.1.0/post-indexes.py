"""An index that the unique constraint on holder and unit makes superfluous; Odoo keeps what a field no longer asks for."""


def migrate(cr, version):
    cr.execute("DROP INDEX IF EXISTS fidelity_account__holder_id_index")
