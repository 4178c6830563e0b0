from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ALL_MEASURES, FigureCase

ROLES = {
    "nobody": (),
    "user": ("loyalty_fidelity.group_fidelity_user",),
    "store_manager": ("loyalty_fidelity.group_fidelity_store_manager",),
    "manager": ("loyalty_fidelity.group_fidelity_manager",),
    "system": ("base.group_system",),
}

#: Who may read (r), write (w), create (c), delete (d). A role that is not named may nothing.
FIGURES = {"store_manager": "r", "manager": "r"}
MATRIX = {
    "fidelity.rollup": FIGURES,
    "fidelity.rolled.purchase": {},
    "fidelity.rolled.product": {},
    "fidelity.rolled.entry": {},
    "fidelity.rolled.member": {},
    "fidelity.fact.purchase": FIGURES,
    "fidelity.fact.product": FIGURES,
    "fidelity.fact.entry": FIGURES,
    "fidelity.message": {"user": "rwcd", "store_manager": "rwcd", "manager": "rwcd"},
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestRights(FigureCase):
    """Who may see which figures, for every model of this addon. A new model joins by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: cls.make_user(f"bi-role-{role}", *groups) for role, groups in ROLES.items()}
        cls.stores[0].user_ids = [(6, 0, [cls.users["user"].id, cls.users["store_manager"].id])]

    def our_models(self):
        names = (name for name, model in self.registry.items() if model._original_module == "loyalty_fidelity_bi")
        return sorted(name for name in names if not self.registry[name]._abstract)

    def test_matrix_of_models_operations_and_roles(self):
        """Each role may exactly what the matrix says."""
        self.assertEqual(self.our_models(), sorted(MATRIX))
        for name, allowed in MATRIX.items():
            for role, user in self.users.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=name, role=role, operation=operation):
                        self.assertEqual(self.env[name].with_user(user).has_access(operation), letter in allowed.get(role, ""))

    def test_nobody_writes_figures_not_even_the_superuser(self):
        """Rolled-up rows and their state are written by the job alone."""
        self.sell_at_random(2)
        self.settle()
        self.roll_up()
        for name in self.our_models():
            if not name.startswith("fidelity.roll"):
                continue
            records = self.env[name].sudo().search([], limit=1)
            for call in (lambda m=records: m.create({}), lambda m=records: m.write({"points": 1}), records.unlink):
                with self.subTest(model=name), self.assertRaises(AccessError):
                    call()

    def test_figures_of_own_stores_only(self):
        """A store manager sees his stores, a manager all of his companies, a stranger nothing."""
        for store in self.stores:
            self.post(self.member, [self.line(self.products[0], 5000)], store)
        foreign = self.env["res.company"].create({"name": "Other shops"})
        stranger = self.make_user("bi-stranger", "loyalty_fidelity.group_fidelity_manager")
        stranger.write({"company_ids": [(6, 0, foreign.ids)], "company_id": foreign.id})
        for rolled in (False, True):
            if rolled:
                self.settle()
                self.roll_up()
            for name in ALL_MEASURES:
                domain = [("store_id", "in", self.stores.ids)]
                with self.subTest(model=name, rolled=rolled):
                    own = self.env[name].with_user(self.users["store_manager"])
                    self.assertEqual(own.search(domain).store_id, self.stores[0])
                    groups = own.formatted_read_group(domain, ["store_id"], ["__count"])
                    self.assertEqual([group["store_id"][0] for group in groups], self.stores[0].ids)
                    self.assertEqual(self.env[name].with_user(self.users["manager"]).search(domain).store_id, self.stores)
                    self.assertFalse(self.env[name].with_user(stranger).search(domain))

    def test_only_a_manager_rolls_up_anew(self):
        self.settle()
        self.sell_at_random(1)
        self.settle()
        self.roll_up()
        state = self.env["fidelity.rollup"].search([])
        with self.assertRaises(AccessError):
            state.with_user(self.users["store_manager"]).action_rebuild()
        state.with_user(self.users["manager"]).action_rebuild()
        self.assertEqual(state.posting_id, 0)

    def test_birth_dates_are_for_who_looks_after_members(self):
        """Another employee does not see when a customer was born."""
        partner = self.member.partner_id
        partner.fidelity_birth_date = "1990-05-06"
        with self.assertRaises(AccessError):
            partner.with_user(self.users["nobody"]).read(["fidelity_birth_date"])
        self.assertEqual(self.member.with_user(self.users["user"]).birth_date.month, 5)
