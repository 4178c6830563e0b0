from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FidelityPosCase

#: language → (unit, start of a refusal, outcome, how the ledger calls itself)
WORDS = {
    "it_IT": ("punti", "Non è un numero di carta.", "Accumulati", "Movimento del registro"),
    "es_ES": ("puntos", "No es un número de tarjeta.", "Obtenidos", "Movimiento del libro"),
}


@tagged("post_install", "-at_install")
class TestTranslations(FidelityPosCase):
    """A cashier reads everything in his language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for language in WORDS:
            cls.env["res.lang"]._activate_lang(language)
        modules = cls.env["ir.module.module"].search([("name", "in", ("loyalty_fidelity", "loyalty_fidelity_pos"))])
        modules._update_translations(list(WORDS))

    def test_till_answers_in_the_cashiers_language(self):
        """The unit, a refusal and what the printed receipt says."""
        order = self.sell([(self.lamp, 1)])
        for language, (unit, refusal, outcome, _model) in WORDS.items():
            self.config = self.config.with_context(lang=language)
            self.assertEqual(self.config.fidelity_identify(self.card.number)["unit"], unit)
            self.assertTrue(self.config.fidelity_identify("garbage")["message"].startswith(refusal))
            result = self.result(order.with_context(lang=language))
            self.assertEqual((result["unit"], result["message"]), (unit, outcome))

    def test_refusal_of_the_ledger_names_the_record_in_the_users_language(self):
        for language, words in WORDS.items():
            with self.assertRaises(AccessError) as refused:
                self.env["fidelity.ledger.entry"].with_context(lang=language).create({})
            self.assertTrue(str(refused.exception).startswith(words[-1]), refused.exception)
