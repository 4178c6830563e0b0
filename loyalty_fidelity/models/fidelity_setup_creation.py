import re
import unicodedata

from odoo import api, models
from odoo.exceptions import AccessError, UserError

MAX_CODE = 40


class FidelitySetup(models.Model):
    """The last button: from the settings to a published card type with its prizes, cards and shop."""

    _inherit = "fidelity.setup"

    @api.depends("recipe", "name", "number_prefix", "card_count", "store_id", "store_name", "company_id", "prize_ids", "step")
    @api.depends_context("lang")
    def _compute_summary(self):
        for setup in self:
            values = {"setup": setup, "effects": setup._effects(), "warnings": setup._warnings()}
            shown = setup.step == "check"
            setup.summary = self.env["ir.qweb"]._render("loyalty_fidelity.setup_summary", values) if shown else False

    def _effects(self):
        """What the last button does, one sentence each."""
        effects = [
            self.env._("The card type “%(name)s” is made and published: it counts from this moment on.", name=self.name),
        ]
        if self.recipe == "prizes":
            effects.append(self.env._("%(count)s prizes are made. Pictures can be added later.", count=len(self.prize_ids)))
        if self.store_id:
            effects.append(self.env._("It starts in the shop %(shop)s.", shop=self.store_id.name))
        else:
            effects.append(self.env._("The shop %(shop)s is made.", shop=self.store_name))
        if self.card_count:
            effects.append(
                self.env._("%(count)s cards get a number. Nobody owns them until you hand them out.", count=self.card_count)
            )
        return effects

    def _warnings(self):
        """What cannot be undone, or touches what is there."""
        warnings = [
            self.env._("Sales of the past are not touched: nobody gains or loses anything by this."),
            self.env._(
                "You can change what the card gives later, from a moment on. The digits %(prefix)s stay once there are cards.",
                prefix=self.number_prefix,
            ),
        ]
        others = self.env["fidelity.card.type"].search_count([])
        if others:
            warnings.append(self.env._("Your other card types (%(count)s) go on as they are.", count=others))
        return warnings

    # -- making --------------------------------------------------------------------------------------------------------

    def action_create(self):
        """Make and publish it all. Doing it again makes nothing."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can set card types up. Ask yours."))
        if self.step == "done":
            return True
        if self.step != "check":
            raise UserError(self.env._("Go through the steps first: the last one shows what will be made."))
        self._raise_problem(self._problems("gives", "shop"))
        card_type = self.env["fidelity.card.type"].create(self._card_type_vals())
        self._make_prizes(card_type)
        self._make_store()
        self._make_cards(card_type)
        card_type.sudo()._publish()
        self.write({"card_type_id": card_type.id, "step": "done"})
        return True

    def _card_type_vals(self):
        """The card type that the settings describe. The worked example is computed from the same values."""
        return {
            "name": (self.name or "").strip() or self.env._("Card"),
            "code": self._free_code(),
            "number_prefix": self.number_prefix or self._free_prefix(),
            "currency_id": self.currency_id.id,
            "company_id": self.company_id.id,
            "color": self.color,
            "benefit_ids": [(0, 0, self._benefit_vals())],
        }

    def _benefit_vals(self):
        common = {"minimum_receipt": self.minimum_receipt}
        if self.recipe == "rolling":
            brackets = [
                (0, 0, {"from_amount": bracket.from_amount, "percent": bracket.percent})
                for bracket in self.bracket_ids.sorted("from_amount")
            ]
            return {**common, "kind": "rolling", "valid_days": self.valid_days, "bracket_ids": brackets}
        if self.recipe == "cashback":
            return {**common, "kind": "cashback", "percent": self.percent}
        return {**common, "kind": "points", "points": self.points, "step_amount": self.step_amount}

    def _free_code(self):
        """A code from the name that no card type has."""
        plain = unicodedata.normalize("NFKD", self.name or "").encode("ascii", "ignore").decode()
        code = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:MAX_CODE] or "card"
        card_types = self.env["fidelity.card.type"].sudo().with_context(active_test=False)
        taken = set(card_types.search([("code", "=like", f"{code}%")]).mapped("code"))
        return next(c for c in (code, *(f"{code}-{number}" for number in range(2, len(taken) + 3))) if c not in taken)

    def _make_prizes(self, card_type):
        if self.recipe == "prizes":
            self.env["fidelity.prize"].create(
                [{"name": prize.name, "points": prize.points, "card_type_id": card_type.id} for prize in self.prize_ids]
            )

    def _make_store(self):
        """The shop that starts with the card."""
        if not self.store_id:
            codes = set(
                self.env["fidelity.store"]
                .with_context(active_test=False)
                .search([("company_id", "=", self.company_id.id)])
                .mapped("code")
            )
            code = next(f"S{number}" for number in range(1, len(codes) + 2) if f"S{number}" not in codes)
            self.store_id = self.env["fidelity.store"].create(
                {"name": self.store_name.strip(), "code": code, "company_id": self.company_id.id}
            )
        return self.store_id

    def _make_cards(self, card_type):
        self.env["fidelity.card"].create([{"card_type_id": card_type.id} for _number in range(self.card_count)])

    # -- what to do next -----------------------------------------------------------------------------------------------

    def action_view_cards(self):
        """Open the numbers of the new cards, to print or order them."""
        return self.card_type_id.action_view_cards()

    def action_try(self):
        """Try a basket with the new card type."""
        return self.card_type_id.action_try()

    def action_enrol(self):
        """Enrol the first customer."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_member_action")
        action["views"] = [(False, "form")]
        action["context"] = {"default_card_type_id": self.card_type_id.id, "default_store_id": self.store_id.id}
        return action

    def action_view_card_type(self):
        """Open the card type."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "fidelity.card.type",
            "res_id": self.card_type_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_view_prizes(self):
        """Open the prizes, to give them pictures."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_prize_action")
        action["domain"] = [("card_type_id", "=", self.card_type_id.id)]
        action["context"] = {"default_card_type_id": self.card_type_id.id}
        return action
