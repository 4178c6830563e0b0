import json

from odoo import fields, models

from ..rules import selector as kernel
from ..rules.ruleset import canonical


class FidelitySelectorVersion(models.Model):
    """Which products a selector chose at one time: for what names it for longer than that, such as a code that somebody holds.

    Invariant: never changed and never deleted; made by :meth:`FidelitySelector._version` alone, in the name of who may.
    """

    _name = "fidelity.selector.version"
    _description = "Product selection as it was"
    _order = "id desc"
    _rec_name = "selector_id"

    selector_id = fields.Many2one(
        "fidelity.selector", required=True, readonly=True, ondelete="restrict", index=True, help="Whose products these are."
    )
    payload = fields.Text(required=True, readonly=True, help="The products, as the rules read them.")

    def _rule(self):
        """What it chooses, as the rules read it."""
        self.ensure_one()
        return json.loads(self.payload)

    def _matching(self, facts):
        """The lines whose products this chooses.

        :param facts: as of :meth:`FidelitySelector._line_facts`
        :return: their keys, in order
        """
        (selector,) = kernel.parse_selectors({self.selector_id._key(): self._rule()}).values()
        return tuple(key for key, product in facts.items() if kernel.matches(selector, product))


class FidelitySelector(models.Model):
    """A selector, of which somebody may hold what it was."""

    _inherit = "fidelity.selector"

    version_ids = fields.One2many("fidelity.selector.version", "selector_id", help="What it was for what names it, newest first.")

    def _version(self):
        """These products as they are now: the newest version, or a new one where they have changed since."""
        self.ensure_one()
        payload = canonical(self._rule_payload())
        newest = self.sudo().version_ids[:1]
        if newest.payload == payload:
            return newest
        return newest.create({"selector_id": self.id, "payload": payload})
