from psycopg2.errors import RestrictViolation

from odoo.tools import mute_logger

from .common import FidelityCase


class ConsentCase(FidelityCase):
    """Purposes as installed, and a short way to answer them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.member.partner_id
        cls.email = cls.env.ref("loyalty_fidelity.consent_purpose_marketing_email")
        cls.sms = cls.env.ref("loyalty_fidelity.consent_purpose_marketing_sms")
        cls.profiling = cls.env.ref("loyalty_fidelity.consent_purpose_profiling")
        cls.user = cls.make_user("consent_user", "loyalty_fidelity.group_fidelity_user")
        cls.manager = cls.make_user("consent_manager", "loyalty_fidelity.group_fidelity_manager")

    def answer(self, partner, purpose, agrees, way="paper", **how):
        return self.env["fidelity.consent"].sudo()._record(partner, {purpose: agrees}, way, **how)

    def state(self, partner, purpose):
        row = self.env["fidelity.consent.state"].search([("partner_id", "=", partner.id), ("purpose_id", "=", purpose.id)])
        return row.state

    def refused_by_database(self, statement, *values):
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env.cr.execute(statement, values)
