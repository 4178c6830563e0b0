import inspect

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FidelityPosCase
from .rights_matrix import ALLOWED, GUARDED, MATRIX, OPERATIONS, ROLES, VALUE_TABLES


@tagged("post_install", "-at_install")
class TestRights(FidelityPosCase):
    """Who may do what, for every model and every public method. A new model or method joins by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: cls.make_user(f"fid-role-{role}", *groups) for role, groups in ROLES.items()}
        cls.users["portal"] = cls.env["res.users"].create(
            {"name": "portal", "login": "fid-role-portal", "group_ids": [(6, 0, [cls.env.ref("base.group_portal").id])]}
        )
        cls.users["public"] = cls.env.ref("base.public_user")
        cls.store.user_ids = [(6, 0, [user.id for user in cls.users.values()])]
        cls.silver = cls.env["fidelity.tier"].create({"name": "Silver", "card_type_id": cls.card_type.id})
        # A household of two, to join, to leave and to be merged with.
        cls.mates = [cls.make_member(cls.card_type, name=name) for name in ("Marco Bianchi", "Sofia Bianchi")]
        cls.mates[1]._join(cls.mates[0], "5e0c6a94-6c8e-4f0b-9d0d-0a4a0c1b8f11")
        cls.gone = cls.make_member(cls.card_type, name="Marco Bianchi II")
        cls.gone._merge_into(cls.mates[0], "6f1d7ba5-7d9f-4a1c-8e1e-1b5b1d2c9f22")

    def setUp(self):
        super().setUp()
        self.order = self.sell([(self.lamp, 1)])
        self.give_back(self.order, {self.lamp: 1})
        self.sell([(self.lamp, 1)])
        self.prize = self.env["fidelity.prize"].create({"name": "Pen", "card_type_id": self.card_type.id, "points": 1})
        self.redemption = self.env["fidelity.posting"].sudo()._post_redemption(self.member, self.prize, "rights")
        self.env.flush_all()

    def our_models(self):
        """Models of the two addons that are always here; another addon looks after its own."""
        ours = ("loyalty_fidelity", "loyalty_fidelity_pos")
        return sorted(name for name, model in self.registry.items() if model._original_module in ours and not model._abstract)

    def fingerprint(self):
        """The content of all value tables."""
        self.env.flush_all()
        content = []
        for table in VALUE_TABLES:
            self.env.cr.execute(f"SELECT md5(COALESCE(string_agg(t::text, '|' ORDER BY id), '')) FROM {table} t")
            content.append(self.env.cr.fetchone()[0])
        return dict(zip(VALUE_TABLES, content, strict=True))

    def test_every_model_is_in_the_matrix(self):
        self.assertEqual(self.our_models(), sorted(MATRIX))

    def test_matrix_of_models_operations_and_roles(self):
        """Each role may exactly what the matrix says."""
        for name in self.our_models():
            for role, user in self.users.items():
                allowed = MATRIX[name].get(role, "")
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=name, role=role, operation=operation):
                        self.assertEqual(self.env[name].with_user(user).has_access(operation), letter in allowed)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_nobody_writes_what_was_posted_not_even_the_superuser(self):
        """create, write and unlink are refused on every guarded model, to every role and to the superuser."""
        before = self.fingerprint()
        for name in GUARDED:
            records = self.env[name].sudo().search([], limit=1)
            for user in [*self.users.values(), self.env.ref("base.user_root")]:
                model = self.env[name].with_user(user)
                model = model.sudo() if user == self.env.ref("base.user_root") else model
                for call in (
                    lambda m=model: m.create({}),
                    lambda m=model: m.create([{"quantity": 1000}]),
                    lambda m=model, r=records: m.browse(r.ids).write({"quantity": 1000}),
                    lambda m=model, r=records: m.browse(r.ids).unlink(),
                ):
                    with self.subTest(model=name, user=user.id), self.assertRaises(AccessError):
                        call()
        self.assertEqual(self.fingerprint(), before)

    def public_methods(self, model):
        """Names of all methods of a model that can be called from outside."""
        names = set()
        for name, _member in inspect.getmembers(type(model), callable):
            if name.startswith("_") or name in ("init", "browse"):
                continue
            try:
                get_public_method(model, name)
            except (AccessError, AttributeError):
                continue
            names.add(name)
        return sorted(names)

    def our_public_methods(self, model):
        """Those that our addons define or override."""
        ours = set()
        for base in type(model).__mro__:
            if base.__module__.startswith("odoo.addons.loyalty_fidelity"):
                ours |= {name for name in vars(base) if not name.startswith("_")}
        return [name for name in self.public_methods(model) if name in ours]

    def arguments(self, model, name):
        """Arguments that make a call do its worst."""
        number = self.card.number
        vals = {
            "quantity": 1_000_000,
            "reason": "because",
            "member_id": self.member.id,
            "points": 1_000_000,
            "balance": 1_000_000,
            "folded_balance": 1_000_000,
            "holder_id": self.member.holder_id.id,
        }
        known = {
            "create": ([vals],),
            "write": (vals,),
            "web_save": (vals, {}),
            "load": (["quantity", "member_id/.id"], [["1000000", str(self.member.id)]]),
            "fidelity_identify": (number,),
            "name_create": ("1000000",),
            "copy": ({},),
            "sync_from_ui": ([],),
        }
        if name in known:
            return known[name]
        method = getattr(type(model), name)
        try:
            signature = inspect.signature(method)
        except (TypeError, ValueError):
            return ()
        required = [
            p
            for p in list(signature.parameters.values())[1:]
            if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        return tuple(vals if p.name in ("vals", "values") else [] for p in required)

    def records(self, name, user):
        """Records of a model to call a method on."""
        if name == "fidelity.adjustment":
            return self.env[name].create({"member_id": self.member.id, "quantity": 5, "reason": "because"})
        if name == "fidelity.member.merge":
            both = self.member | self.mates[0]
            return self.env[name].create({"member_ids": [(6, 0, both.ids)], "survivor_id": self.mates[0].id})
        if name == "fidelity.member.unmerge":
            return self.env[name].create({"member_id": self.gone.id})
        if name == "fidelity.household.join":
            return self.env[name].create({"member_id": self.member.id, "other_id": self.mates[0].id})
        if name == "fidelity.household.leave":
            return self.env[name].create({"member_id": self.mates[1].id})
        if name == "fidelity.setup":
            setup = self.env[name].create({"card_count": 0})
            setup.with_context(fidelity_recipe="points").action_choose()
            setup.step = "check"
            return setup
        if name == "fidelity.percentage":
            return self.env[name].create({"member_id": self.member.id, "percent": 100.0, "reason": "because"})
        if name == "fidelity.tier.setting":
            return self.env[name].create({"member_id": self.member.id, "tier_id": self.silver.id, "reason": "because"})
        if name == "fidelity.tier.ladder":
            return self.env[name].create({"card_type_id": self.card_type.id})
        if name == "fidelity.redemption":
            return self.env[name].create({"member_id": self.member.id, "prize_id": self.prize.id})
        if name == "fidelity.redemption.undo":
            return self.env[name].create({"posting_id": self.redemption.id, "reason": "because"})
        if name == "fidelity.publication":
            return self.env[name].create({"card_type_id": self.card_type.id})
        if name == "fidelity.card.state":
            return self.env[name].create({"card_ids": self.card.ids, "state": "blocked"})
        if name == "fidelity.card.issue":
            return self.env[name].create({"card_type_id": self.card_type.id})
        if name in ("pos.order", "pos.config", "res.partner"):
            return {"pos.order": self.order, "pos.config": self.config, "res.partner": self.member.partner_id}[name]
        return self.env[name].sudo().search([], limit=1)

    @mute_logger(
        "py.warnings",
        "odoo.addons.base.models.ir_model",
        "odoo.addons.base.models.ir_rule",
        "odoo.sql_db",
        "odoo.addons.loyalty_fidelity.models.fidelity_outbox",
        "odoo.models",
    )
    def test_no_public_method_of_ours_changes_value_for_any_role(self):
        """Every public method of our models, and ours on Odoo's models, called as each role: the ledger stays."""
        before = self.fingerprint()
        called, changing = 0, set()
        for name in [*self.our_models(), "pos.order", "pos.config", "pos.session", "res.partner"]:
            guarded = name in GUARDED
            for role, user in self.users.items():
                methods = self.public_methods(self.env[name]) if guarded else self.our_public_methods(self.env[name])
                for method in methods:
                    called += 1
                    if self.changes_value(before, name, user, method):
                        changing.add((role, name, method))
        self.assertEqual(changing, ALLOWED)
        self.assertGreater(called, 500)

    def changes_value(self, before, name, user, method):
        """Call a method as a user, look whether anything of value changed, and undo it."""
        savepoint = self.env.cr.savepoint(flush=True)
        records = self.records(name, user).with_user(user).sudo(False)
        try:
            function = get_public_method(records, method)
            model_method = hasattr(function, "_api_model") or method in ("create", "load", "name_create")
            target = records.browse() if model_method else records
            getattr(target, method)(*self.arguments(records, method))
            changed = self.fingerprint() != before
        except Exception:  # noqa: BLE001 -- a call that raises is rolled back by the server: nothing changed
            changed = False
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        return changed

    def test_private_methods_that_post_cannot_be_called_from_outside(self):
        """What posts, folds or seals is private."""
        for name, method in (
            ("fidelity.posting", "_insert"),
            ("fidelity.posting", "_post_adjustment"),
            ("fidelity.posting", "_post_redemption"),
            ("fidelity.posting", "_take_back"),
            ("fidelity.receipt", "_post_purchase"),
            ("fidelity.ledger.entry", "_append"),
            ("fidelity.account", "_open"),
            ("fidelity.outbox", "_enqueue"),
            ("pos.order", "_fidelity_post"),
            ("fidelity.card", "_set_state"),
            ("fidelity.card", "_reassign"),
            ("fidelity.posting", "_post_transfer"),
            ("fidelity.member", "_merge_into"),
            ("fidelity.member", "_unmerge"),
            ("fidelity.posting", "_post_payout"),
            ("fidelity.member", "_join"),
            ("fidelity.member", "_set"),
            ("fidelity.holder", "_set"),
            ("fidelity.card.type", "_publish"),
            ("fidelity.ledger.entry", "init"),
        ):
            with self.subTest(model=name, method=method), self.assertRaises(AccessError):
                get_public_method(self.env[name], method)

    def test_staff_see_their_stores_and_companies_only(self):
        """A loyalty user sees the receipts of his stores; a manager those of all stores of his companies."""
        other = self.make_store("S2")
        self.config.fidelity_store_id = other
        elsewhere = self.receipt(self.sell([(self.mug, 1)]))
        here = self.receipt(self.order)
        user = self.users["user"]
        visible = self.env["fidelity.receipt"].with_user(user).search([])
        self.assertIn(here, visible)
        self.assertNotIn(elsewhere, visible)
        self.assertIn(elsewhere, self.env["fidelity.receipt"].with_user(self.users["manager"]).search([]))
        self.assertEqual(self.env["fidelity.store"].with_user(user).search([]), self.store)
        foreign = self.env["res.company"].create({"name": "Other shops"})
        stranger = self.env["res.users"].create(
            {
                "name": "stranger",
                "login": "fid-stranger-company",
                "company_id": foreign.id,
                "company_ids": [(6, 0, foreign.ids)],
                "group_ids": [(6, 0, [self.env.ref("loyalty_fidelity.group_fidelity_manager").id])],
            }
        )
        for name in (
            "fidelity.receipt",
            "fidelity.posting",
            "fidelity.ledger.entry",
            "fidelity.member",
            "fidelity.card",
            "fidelity.account",
            "fidelity.store",
            "fidelity.receipt.line",
            "fidelity.lot",
        ):
            found = self.env[name].with_user(stranger).search([])
            self.assertFalse(
                found
                & self.env[name]
                .sudo()
                .search([("id", "in", found.ids)])
                .filtered(lambda r: getattr(r, "company_id", self.env.company) == self.env.company),
                name,
            )
