import json

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ..rules import ruleset as kernel
from ..rules.errors import RuleError


class FidelityRuleset(models.Model):
    """The compiled configuration of a card type from a moment on: never changed, never deleted.

    The ruleset in force at a moment is the one with the latest ``valid_from`` not after it (the last published
    wins a tie). Orders and receipts name it, so that replays and returns are exact.
    """

    _name = "fidelity.ruleset"
    _inherit = "fidelity.append.only"
    _description = "Ruleset"
    _order = "card_type_id, valid_from desc, id desc"
    _rec_name = "version"
    _log_access = False

    card_type_id = fields.Many2one(
        "fidelity.card.type", required=True, ondelete="restrict", index=True, readonly=True, help="Whose rules these are."
    )
    version = fields.Integer(required=True, readonly=True, help="Counts the publications of this card type.")
    fingerprint = fields.Char(required=True, readonly=True, help="SHA-256 of the compiled rules.")
    valid_from = fields.Datetime(required=True, readonly=True, help="From this moment on these rules apply.")
    payload = fields.Text(required=True, readonly=True, help="The compiled rules, as tills and servers read them.")
    published_at = fields.Datetime(required=True, readonly=True, help="When they were published.")
    published_by = fields.Char(readonly=True, help="Who published them.")
    benefit_labels = fields.Text(
        compute="_compute_benefit_labels",
        compute_sudo=True,
        help="What each benefit gives, in the user's language, as JSON by its key.",
    )

    _version_unique = models.Constraint(
        "unique(card_type_id, version)", "Somebody published this card type at the same moment. Publish again."
    )

    @api.depends("card_type_id.name", "version")
    def _compute_display_name(self):
        for ruleset in self:
            ruleset.display_name = f"{ruleset.card_type_id.name} v{ruleset.version}"

    @api.depends("payload")
    @api.depends_context("lang")
    def _compute_benefit_labels(self):
        for ruleset in self:
            try:
                labels = ruleset.card_type_id._benefit_labels(self._parsed(ruleset.id))
            except RuleError:
                labels = {}
            ruleset.benefit_labels = json.dumps(labels)

    @api.model
    def _publish(self, card_type, payload, valid_from):
        """Append the next ruleset of a card type. Callers have checked the right to write the card type.

        :param dict payload: as the kernel's ``ruleset.parse`` takes it
        :raise RuleError: the payload breaks the kernel's contract
        """
        kernel.parse(payload)
        last = self.sudo().search([("card_type_id", "=", card_type.id)], order="version desc", limit=1)
        ruleset = self.sudo()._append(
            [
                {
                    "card_type_id": card_type.id,
                    "version": last.version + 1,
                    "fingerprint": kernel.fingerprint(payload),
                    "valid_from": valid_from,
                    "payload": kernel.canonical(payload),
                    "published_at": fields.Datetime.now(),
                    "published_by": self.env.user.name,
                }
            ]
        )
        self.env.registry.clear_cache()
        return ruleset

    @api.model
    @tools.ormcache("card_type_id")
    def _timeline(self, card_type_id):
        """Rulesets of a card type, latest first: tuples (valid_from, id, fingerprint)."""
        rulesets = self.sudo().search([("card_type_id", "=", card_type_id)], order="valid_from desc, id desc")
        return tuple((ruleset.valid_from, ruleset.id, ruleset.fingerprint) for ruleset in rulesets)

    @api.model
    def _in_force(self, card_type_id, moment):
        """The ruleset in force.

        :param datetime moment: UTC, naive
        :return: (id, fingerprint), or None when nothing was published by then
        """
        for valid_from, ruleset_id, fingerprint in self._timeline(card_type_id):
            if valid_from <= moment:
                return ruleset_id, fingerprint
        return None

    @api.model
    @tools.ormcache("ruleset_id")
    def _parsed(self, ruleset_id):
        """The kernel's ``Ruleset`` of an id.

        :raise UserError: the row is gone, which only somebody can bring about who takes the guards off the table
        """
        ruleset = self.sudo().browse(ruleset_id).exists()
        if not ruleset:
            raise UserError(
                self.env._(
                    "The rules number %(number)s are gone from the database. Nothing can be posted by them until "
                    "the administrator restores that row of table fidelity_ruleset from a backup.",
                    number=ruleset_id,
                )
            )
        return kernel.parse(json.loads(ruleset.payload))
