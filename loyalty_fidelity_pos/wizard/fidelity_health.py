from datetime import timedelta

from odoo import fields, models

SWEPT_DAYS = 7


class FidelityHealth(models.TransientModel):
    """What the tills add to the health page."""

    _inherit = "fidelity.health"

    def _checks(self):
        return (*super()._checks(), self._check_sweep, self._check_tills)

    def _check_sweep(self):
        title = self.env._("Paid orders without receipt")
        since = fields.Datetime.now() - timedelta(days=SWEPT_DAYS)
        found = self.env["fidelity.outbox"].search([("swept_at", ">=", since)], order="swept_at desc", limit=1000)
        if not found:
            yield self._line(
                "sweep", title, "ok", self.env._("The hourly job found none in the last %(days)s days.", days=SWEPT_DAYS)
            )
            return
        finding = self.env._(
            "Found by the hourly job in the last %(days)s days: %(count)s, the last on %(date)s.",
            count=len(found),
            days=SWEPT_DAYS,
            date=self._when(found[0].swept_at),
        )
        advice = self.env._("They post by themselves; ask who marks orders as paid without passing a till.")
        yield self._line("sweep", title, "look", finding, advice, can_open=True)

    def _check_tills(self):
        title = self.env._("Tills and stores")
        domain = [("company_id", "in", self.env.companies.ids), ("fidelity_store_id", "=", False)]
        tills = self.env["pos.config"].sudo().search(domain, limit=100)
        if not tills:
            yield self._line("tills", title, "ok", self.env._("Every till stands in a store."))
            return
        finding = self.env._(
            "Tills in no store: %(count)s (%(names)s).", count=len(tills), names=", ".join(tills[:5].mapped("name"))
        )
        advice = self.env._("Choose their store, so that its staff sees their receipts.")
        can_open = self.env.su or self.env.user.has_group("point_of_sale.group_pos_manager")
        yield self._line("tills", title, "look", finding, advice, can_open=can_open)


class FidelityHealthLine(models.TransientModel):
    """Where the lines of the tills lead."""

    _inherit = "fidelity.health.line"

    def _open_sweep(self):
        return self._open_action("fidelity_outbox_action", domain=[("swept_at", "!=", False)])

    def _open_tills(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tills without a store"),
            "res_model": "pos.config",
            "views": [(False, "list"), (False, "form")],
            "domain": [("fidelity_store_id", "=", False)],
        }
