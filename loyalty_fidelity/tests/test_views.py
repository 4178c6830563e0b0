from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FidelityCase

ROOT = "loyalty_fidelity.loyalty_fidelity_menu"
USER_MENUS = {
    "fidelity_member_menu",
    "fidelity_household_menu",
    "fidelity_segment_menu",
    "fidelity_consent_state_menu",
    "fidelity_consent_answer_menu",
    "fidelity_consent_purpose_menu",
    "fidelity_card_list_menu",
    "fidelity_card_batch_menu",
    "fidelity_ledger_entry_menu",
    "fidelity_receipt_menu",
    "fidelity_posting_menu",
    "fidelity_account_menu",
    "fidelity_hold_menu",
    "fidelity_tier_change_menu",
    "fidelity_card_type_menu",
    "fidelity_prize_menu",
    "fidelity_reservation_menu",
    "fidelity_code_redemption_menu",
    "fidelity_code_menu",
    "fidelity_code_list_menu",
    "fidelity_grant_rule_menu",
    "fidelity_simulation_menu",
    "fidelity_store_menu",
    "fidelity_selector_menu",
    "fidelity_ruleset_menu",
}
MENUS = {
    "user": USER_MENUS,
    "store_manager": USER_MENUS | {"fidelity_outbox_menu", "fidelity_expiry_run_menu"},
    "manager": USER_MENUS
    | {
        "fidelity_outbox_menu",
        "fidelity_expiry_run_menu",
        "fidelity_expiry_change_menu",
        "fidelity_verification_menu",
        "fidelity_export_menu",
        "fidelity_consent_erasure_menu",
    },
}
READ_ONLY = (
    "fidelity.posting",
    "fidelity.ledger.entry",
    "fidelity.receipt",
    "fidelity.account",
    "fidelity.ruleset",
    "fidelity.outbox",
    "fidelity.verification",
    "fidelity.expiry.change",
    "fidelity.consent",
    "fidelity.consent.erasure",
)
#: Shown, and plain without a sentence: where a row stands, and what Odoo itself explains.
PLAIN_FIELDS = {"sequence", "create_date", "display_name", "phone", "email", "currency_id"}


@tagged("post_install", "-at_install")
class TestViews(FidelityCase):
    """Each role opens each of its screens; screens read in batches; contacts are found by card and points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: cls.make_user(f"views_{role}", f"loyalty_fidelity.group_fidelity_{role}") for role in MENUS}
        cls.store.user_ids = [(6, 0, [user.id for user in cls.users.values()])]

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 12)
        self.env["fidelity.verification"].sudo()._verify()

    def visible_menus(self, user):
        """The menus with an action that a user sees below our root."""
        menus = self.env["ir.ui.menu"].search([("id", "child_of", self.env.ref(ROOT).id)])
        visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
        return menus.filtered(lambda menu: menu.id in visible and menu.action and menu.action._name == "ir.actions.act_window")

    def arch(self, model, view_type, user=None):
        """The architecture that a user gets, and the names of the fields of the model itself in it."""
        view = self.env[model].with_user(user or self.env.user).get_view(view_type=view_type)
        arch = etree.fromstring(view["arch"])
        return arch, [node.get("name") for node in arch.iter("field") if not list(node.iterancestors("field"))]

    def specification(self, model, names):
        """What the web client asks for: the fields, with the name of each related record."""
        relational = self.env[model]._fields
        return {name: {"fields": {"display_name": {}}} if relational[name].type == "many2one" else {} for name in names}

    def test_menus_follow_the_role(self):
        """A user sees what he may open, and nothing else."""
        for role, expected in MENUS.items():
            xml_ids = self.visible_menus(self.users[role]).get_external_id().values()
            own = {name for addon, _dot, name in (xml_id.partition(".") for xml_id in xml_ids) if addon == "loyalty_fidelity"}
            self.assertEqual(own, expected, role)

    def test_every_action_opens_for_each_role(self):
        """Views, lists and forms of every menu load and read without an error."""
        for role, user in self.users.items():
            for menu in self.visible_menus(user):
                action = menu.action
                model = self.env[action.res_model].with_user(user)
                with self.subTest(role=role, menu=menu.name):
                    views = [(False, view_type) for view_type in action.view_mode.split(",")]
                    model.get_views([*views, (False, "search")])
                    for _view_id, view_type in views:
                        _arch, names = self.arch(model._name, view_type, user)
                        model.web_search_read([], self.specification(model._name, names), limit=3)

    def test_every_action_explains_its_empty_state(self):
        """An empty list says what would be there and what to do."""
        for menu in self.visible_menus(self.users["manager"]):
            if menu.action.view_mode != "form":
                self.assertIn("o_view_nocontent", menu.action.help or "", menu.name)

    def test_record_of_what_happened_offers_no_editing(self):
        """Lists and forms that nobody may write show no button to."""
        for model in READ_ONLY:
            for view_type in ("list", "form"):
                arch, _names = self.arch(model, view_type, self.users["manager"])
                for verb in ("create", "edit", "delete"):
                    self.assertIn(arch.get(verb), ("0", "false", "False"), f"{model} {view_type} {verb}")

    def test_fields_on_screen_have_help(self):
        """Every field of ours that a form shows says what it is."""
        for menu in self.visible_menus(self.users["manager"]):
            model = self.env[menu.action.res_model]
            _arch, names = self.arch(model._name, "form")
            for name in set(names) - PLAIN_FIELDS:
                self.assertTrue(model._fields[name].help or name == "company_id", f"{model._name}.{name}")

    def test_only_managers_are_offered_adjusting_and_publishing(self):
        """Buttons that a role may not use are not there."""
        for model, button in (("fidelity.member", "action_adjust"), ("fidelity.card.type", "action_publish")):
            for role, user in self.users.items():
                arch, _names = self.arch(model, "form", user)
                found = bool(arch.xpath(f"//button[@name='{button}']"))
                self.assertEqual(found, role == "manager", f"{button} {role}")

    def test_lists_read_in_batches(self):
        """Twenty more members cost a list no more statements."""
        for model in ("fidelity.member", "fidelity.card", "fidelity.account", "fidelity.ledger.entry"):
            _arch, names = self.arch(model, "list")
            few = self.statements(model, names)
            for index in range(20):
                self.adjust(self.make_member(self.card_type, f"Member {index}"), 1)
            self.assertLessEqual(self.statements(model, names), few, model)

    def statements(self, model, names):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env[model].web_search_read([], self.specification(model, names), limit=80)
        return self.env.cr.sql_log_count - before

    def test_contact_is_found_by_card_number_points_and_tier(self):
        """The contact search finds a member by what is on his card and by what he has."""
        tier = self.env["fidelity.tier"].create({"name": "Gold", "card_type_id": self.card_type.id, "medal": "gold"})
        self.member.tier_id = tier
        partner = self.env["res.partner"].with_user(self.users["user"])
        for domain in (
            [("fidelity_card_ids.number", "ilike", self.card.number)],
            [("fidelity_balance", ">=", 12)],
            [("fidelity_balance", "=", 12)],
            [("fidelity_tier_ids", "ilike", "gold")],
        ):
            found = partner.search([*domain, ("fidelity_member_ids", "!=", False)])
            self.assertEqual(found.ids, self.member.partner_id.ids, domain)
        self.assertFalse(partner.search([("fidelity_balance", ">", 12)]))

    def test_contact_search_offers_the_loyalty_fields(self):
        """They are there for who may see them, and absent for who may not."""
        offered = {"fidelity_card_ids", "fidelity_tier_ids", "fidelity_balance"}
        stranger = self.make_user("views_stranger")
        for user, expected in ((self.users["user"], offered), (stranger, set())):
            arch, _names = self.arch("res.partner", "search", user)
            names = {node.get("name") for node in arch.iter("field")}
            self.assertEqual(names & offered, expected)

    def test_contact_form_opens_its_memberships(self):
        """The smart button leads to the memberships of that contact."""
        action = self.member.partner_id.with_user(self.users["user"]).action_view_fidelity_members()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, self.member)


@tagged("post_install", "-at_install")
class TestCardScreens(FidelityCase):
    """What the buttons of members and cards lead to."""

    def test_member_is_given_the_card_in_hand(self):
        """A card that nobody has goes to the member and works at once."""
        card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id})
        action = self.member.action_give_card()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({"card_id": card.id})
        wizard.action_issue()
        self.assertEqual((card.member_id, card.state), (self.member, "active"))

    def test_member_is_given_the_next_number(self):
        """Without a card in hand the next number is taken."""
        action = self.member.action_give_card()
        self.env[action["res_model"]].with_context(**action["context"]).create({}).action_issue()
        self.assertEqual(self.member.card_ids.mapped("state"), ["active", "active"])

    def test_card_in_hand_needs_a_member(self):
        """Giving out to nobody is refused with what is missing."""
        card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id})
        action = card.action_give_out()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        with self.assertRaisesRegex(UserError, "Choose who gets the card"):
            wizard.action_issue()
        self.assertEqual(card.state, "draft")

    def test_membership_closes_and_reopens(self):
        """Closing keeps the points; reopening undoes it."""
        self.adjust(self.member, 5)
        self.member.action_close()
        self.assertEqual((self.member.state, self.member.balance), ("closed", 5))
        self.member.action_reopen()
        self.assertEqual(self.member.state, "active")

    def test_receipt_says_its_flags_in_words(self):
        """Codes become sentences, in a fixed order."""
        receipt = self.env["fidelity.receipt"].new({"flags": "late,clock"})
        self.assertEqual(receipt.remarks, "The till's clock is wrong · Posted later")
