import json

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import FidelityPosCase

CASHIER = ("point_of_sale.group_pos_user",)
MANAGER = ("loyalty_fidelity.group_fidelity_manager",)
USER = ("loyalty_fidelity.group_fidelity_user",)


@tagged("post_install", "-at_install")
class TestCompanies(FidelityPosCase):
    """Two companies with their own card types and currencies, a branch, and a card type that all of them share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here = cls.env.company
        # Another company, in another currency, and a branch of ours.
        cls.there = cls.setup_other_company(name="Other shops", currency_id=cls.other_currency.id)["company"]
        shared = {
            name: cls.here[name].id
            for name in (
                "country_id",
                "account_fiscal_country_id",
                "default_cash_difference_income_account_id",
                "default_cash_difference_expense_account_id",
                "account_default_pos_receivable_account_id",
            )
        }
        cls.branch = cls.env["res.company"].create({"name": "Branch shops", "parent_id": cls.here.id, **shared})
        cls.branch.chart_template = cls.here.chart_template
        cls.env.user.company_ids |= cls.there | cls.branch
        cls.their_type = cls.make_card_type(name="Foreign", prefix="0470", company=cls.there, currency_id=cls.other_currency.id)
        cls.group_type = cls.make_card_type(name="Group", prefix="0460")
        cls.group_type.company_id = False
        cls.zoe = cls.make_member(cls.their_type, name="Zoe Far")
        cls.pia = cls.make_member(cls.group_type, name="Pia Near")
        cls.users = {
            (role, company): cls.make_company_user(f"{role}-{company.id}", company, *groups)
            for role, groups in (("cashier", CASHIER), ("manager", MANAGER), ("user", USER))
            for company in (cls.here, cls.there, cls.branch)
        }
        cls.tills = {company: cls.make_till(company) for company in (cls.here, cls.there, cls.branch)}

    @classmethod
    def make_company_user(cls, login, company, *groups):
        user = cls.make_user(f"fid-co-{login}", *groups)
        user.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        return user

    @classmethod
    def make_till(cls, company):
        """A till of a store of a company, paid in cash."""
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        journal = env["account.journal"].create(
            {"name": "Till cash", "code": f"TC{company.id}", "type": "cash", "company_id": company.id}
        )
        cash = env["pos.payment.method"].create({"name": "Till cash", "journal_id": journal.id, "company_id": company.id})
        store = env["fidelity.store"].create({"name": company.name, "code": f"C{company.id}", "company_id": company.id})
        till = env["pos.config"].create(
            {"name": f"Till of {company.name}", "company_id": company.id, "payment_method_ids": [(6, 0, cash.ids)]}
        )
        till.fidelity_store_id = store
        store.user_ids |= cls.users["user", company]
        return till

    def at(self, company, role="cashier"):
        """The till of a company as one of its people sees it."""
        user = self.users[role, company]
        return self.tills[company].with_user(user).with_context(allowed_company_ids=company.ids)

    def buy(self, company, member, amount=47.0):
        """Sell at the till of a company to a member, as its cashier; return the order."""
        till = self.at(company)
        if not till.current_session_id:
            till.open_ui()
            till.current_session_id.set_opening_control(0, None)
        product = self.env["product.product"].create(
            {"name": "Lamp", "lst_price": amount, "available_in_pos": True, "taxes_id": []}
        )
        uuid = self.create_random_uid()
        line = {"product_id": product.id, "qty": 1, "price_unit": amount, "price_subtotal": amount, "price_subtotal_incl": amount}
        payment = {"amount": amount, "name": fields.Datetime.now(), "payment_method_id": till.payment_method_ids.id}
        data = {
            "uuid": uuid,
            "name": f"Order {uuid}",
            "session_id": till.current_session_id.id,
            "user_id": till.env.uid,
            "partner_id": member.partner_id.id,
            "pricelist_id": till.pricelist_id.id,
            "fiscal_position_id": False,
            "date_order": fields.Datetime.to_string(fields.Datetime.now()),
            "amount_total": amount,
            "amount_paid": amount,
            "amount_tax": 0,
            "amount_return": 0,
            "to_invoice": False,
            "last_order_preparation_change": "{}",
            "lines": [(0, 0, {"uuid": self.create_random_uid(), "tax_ids": [(6, 0, [])], **line})],
            "payment_ids": [(0, 0, payment)],
            "state": "paid",
            "fidelity_claim": self.claim(member.card_ids[:1]),
        }
        till.env["pos.order"].sync_from_ui([data])
        self.env.invalidate_all()
        return self.env["pos.order"].search([("uuid", "=", uuid)])

    def outcome(self, order):
        receipt = self.receipt(order)
        return receipt.outcome, receipt.points

    def seen(self, model, company, role="manager"):
        env = self.env(user=self.users[role, company], context={"allowed_company_ids": company.ids})
        return env[model].search([])

    # -- at the till -----------------------------------------------------------------------------------------------

    def test_each_company_sells_to_its_own_cards(self):
        self.assertEqual(self.outcome(self.buy(self.here, self.member)), ("earned", 4))
        self.assertEqual(self.outcome(self.buy(self.there, self.zoe)), ("earned", 4))
        self.assertEqual((self.member.balance, self.zoe.balance), (4, 4))
        self.assertClean()

    def test_a_card_of_another_company_is_refused_politely_and_the_sale_goes_on(self):
        for company, member in ((self.here, self.zoe), (self.there, self.member), (self.branch, self.zoe)):
            with self.subTest(company=company.name):
                answer = self.at(company).fidelity_identify(member.card_ids.number)
                self.assertEqual(answer["status"], "other_company")
                self.assertIn("another company", answer["message"])
                self.assertEqual(answer.keys(), {"status", "message", "card"}, "nothing of whose card it is")
                order = self.buy(company, member)
                self.assertEqual((order.state, *self.outcome(order)), ("paid", "other_company", 0))
                self.assertEqual(self.result(order)["points"], 0)
        self.assertEqual((self.member.balance, self.zoe.balance), (0, 0))

    def test_a_branch_uses_its_parents_card_type(self):
        till = self.at(self.branch)
        self.assertEqual(till.fidelity_identify(self.card.number)["status"], "ok")
        session = self.open_session(till)
        loaded = session.load_data(["fidelity.card.type", "fidelity.ruleset"])
        self.assertEqual(
            {row["id"] for row in loaded["fidelity.card.type"]}, set((self.card_type | self.group_type).ids), "not theirs"
        )
        self.assertIn(self.card_type.ruleset_id.id, [row["id"] for row in loaded["fidelity.ruleset"]])
        self.assertEqual(self.outcome(self.buy(self.branch, self.member)), ("earned", 4))
        self.assertEqual(self.member.balance, 4)
        self.assertClean()

    def test_a_parent_does_not_take_the_cards_of_its_branch(self):
        branch_type = self.make_card_type(name="Branch only", prefix="0475", company=self.branch)
        member = self.make_member(branch_type, name="Bea Branch")
        self.assertEqual(self.at(self.branch).fidelity_identify(member.card_ids.number)["status"], "ok")
        self.assertEqual(self.at(self.here).fidelity_identify(member.card_ids.number)["status"], "other_company")

    def open_session(self, till):
        if not till.current_session_id:
            till.open_ui()
            till.current_session_id.set_opening_control(0, None)
        return till.current_session_id

    def test_every_till_knows_the_numbers_of_all_companies(self):
        """So that a foreign card is recognised and refused, and never taken for a product."""
        for company in (self.here, self.there, self.branch):
            prefixes = json.loads(self.at(company).fidelity_number_prefixes)
            self.assertLessEqual({"0490", "0470", "0460"}, set(prefixes))
            session = self.open_session(self.at(company))
            types = {row["name"] for row in session.load_data(["fidelity.card.type"])["fidelity.card.type"]}
            self.assertEqual("Foreign" in types, company == self.there)
            self.assertIn("Group", types)

    def test_a_group_wide_card_earns_in_every_company_of_its_currency(self):
        for company in (self.here, self.branch):
            self.assertEqual(self.outcome(self.buy(company, self.pia)), ("earned", 4))
        self.assertEqual(self.pia.balance, 8)
        self.assertClean()

    def test_a_sale_in_another_currency_earns_nothing_and_says_so(self):
        self.assertEqual(self.at(self.there).fidelity_identify(self.pia.card_ids.number)["status"], "ok")
        order = self.buy(self.there, self.pia)
        self.assertEqual(self.outcome(order), ("currency", 0))
        self.assertEqual(self.result(order)["message"], "Another currency")
        self.assertEqual(self.pia.balance, 0)

    # -- in the back office ----------------------------------------------------------------------------------------

    def test_people_see_their_company_and_what_is_shared(self):
        expected = {
            self.here: self.member | self.pia,
            self.branch: self.member | self.pia,
            self.there: self.zoe | self.pia,
        }
        for company, members in expected.items():
            for role in ("user", "manager"):
                with self.subTest(company=company.name, role=role):
                    everyone = self.member | self.zoe | self.pia
                    self.assertEqual(self.seen("fidelity.member", company, role) & everyone, members)
                    self.assertEqual(self.seen("fidelity.card", company, role) & everyone.card_ids, members.card_ids)
                    self.assertEqual(self.seen("fidelity.holder", company, role) & everyone.holder_id, members.holder_id)
                    self.assertEqual(self.seen("fidelity.account", company, role) & everyone.account_ids, members.account_ids)

    def test_of_a_shared_member_the_balance_is_seen_and_receipts_of_other_companies_are_not(self):
        ours = self.receipt(self.buy(self.here, self.pia))
        theirs = self.receipt(self.buy(self.there, self.pia))
        both = ours | theirs
        for company, receipt in ((self.here, ours), (self.there, theirs)):
            for role in ("user", "manager"):
                user = self.users[role, company]
                self.env.invalidate_all()
                pia = self.pia.with_user(user).with_context(allowed_company_ids=company.ids)
                self.assertEqual(pia.balance, 4)
                self.assertEqual(self.seen("fidelity.receipt", company, role) & both, receipt)
                self.assertEqual(pia.receipt_ids, receipt)
                self.assertEqual(self.seen("fidelity.posting", company, role) & both.posting_id, receipt.posting_id)
                entries = self.seen("fidelity.ledger.entry", company, role) & both.posting_id.entry_ids
                self.assertEqual(entries, receipt.posting_id.entry_ids)
                self.assertEqual(self.seen("fidelity.receipt.line", company, role) & both.line_ids, receipt.line_ids)

    def test_screens_of_a_shared_member_open_in_every_company(self):
        """Also where his contact, his home store and his receipts belong to another one."""
        self.buy(self.here, self.pia)
        self.pia.partner_id.company_id = self.here
        self.pia.store_id = self.tills[self.here].fidelity_store_id
        self.env.flush_all()
        for company in (self.here, self.there):
            for role in ("user", "manager"):
                env = self.env(user=self.users[role, company], context={"allowed_company_ids": company.ids})
                for name in ("fidelity.member", "fidelity.card", "fidelity.holder", "fidelity.account", "fidelity.lot"):
                    views = env[name].get_views([(False, "list"), (False, "form")])["views"] if name != "fidelity.lot" else {}
                    self.assertIsNotNone(views)
                    record = {
                        "fidelity.member": self.pia,
                        "fidelity.card": self.pia.card_ids,
                        "fidelity.holder": self.pia.holder_id,
                        "fidelity.account": self.pia.account_ids,
                        "fidelity.lot": self.env["fidelity.lot"].search([("account_id", "in", self.pia.account_ids.ids)]),
                    }[name]
                    with self.subTest(company=company.name, role=role, model=name):
                        fields_spec = {
                            field: {"fields": {"display_name": {}}} if env[name]._fields[field].relational else {}
                            for field in env[name].fields_get()
                        }
                        self.env.invalidate_all()
                        rows = record.with_env(env).web_read(fields_spec)
                        self.assertEqual(len(rows), 1)
                member = self.pia.with_env(env)
                self.assertEqual((member.display_name, member.balance), ("Pia Near", 4))

    def test_nobody_reads_or_changes_members_of_another_company(self):
        user, company = self.users["manager", self.there], self.there
        env = self.env(user=user, context={"allowed_company_ids": company.ids})
        partner = self.env["res.partner"].create({"name": "Eve"})
        mate = self.make_member(self.card_type, name="Marco")
        merged, sofia, carla = (self.make_member(self.card_type, name=name) for name in ("Mark", "Sofia", "Carla"))
        self.env["fidelity.member.merge"].create(
            {"member_ids": [(6, 0, (merged | mate).ids)], "survivor_id": mate.id}
        ).action_merge()
        self.env["fidelity.household.join"].create({"member_id": sofia.id, "other_id": carla.id}).action_join()
        calls = [
            lambda: env["fidelity.member.unmerge"].create({"member_id": merged.id, "partner_id": partner.id}).action_unmerge(),
            lambda: env["fidelity.household.leave"].create({"member_id": sofia.id}).action_leave(),
            lambda: sofia.with_env(env).write({"collects_only": True}),
            lambda: self.member.with_env(env).read(["state"]),
            lambda: self.member.with_env(env).action_close(),
            lambda: self.card.with_env(env).read(["number"]),
            lambda: self.member.holder_id.with_env(env).read(["name"]),
            lambda: self.member.holder_id.with_env(env).write({"name": "Mine"}),
            lambda: env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": self.card_type.id}),
            lambda: env["fidelity.card"].create({"card_type_id": self.card_type.id}),
            lambda: env["fidelity.adjustment"].create({"member_id": self.member.id, "quantity": 5, "reason": "x"}).action_post(),
            lambda: (
                env["fidelity.member.merge"]
                .create({"member_ids": [(6, 0, (self.member | mate).ids)], "survivor_id": mate.id})
                .action_merge()
            ),
            lambda: env["fidelity.household.join"].create({"member_id": self.member.id, "other_id": mate.id}).action_join(),
            lambda: self.card_type.with_env(env).write({"name": "Mine"}),
            lambda: self.card_type.with_env(env)._publish() if self.card_type.with_env(env).action_publish() else None,
        ]
        for number, call in enumerate(calls):
            with self.subTest(call=number), self.assertRaises(AccessError), self.env.cr.savepoint():
                call()
                env.flush_all()
        self.assertEqual((self.member.state, self.member.balance), ("active", 0))
        self.assertEqual((merged.state, sofia.holder_id, sofia.collects_only), ("merged", carla.holder_id, False))

    def test_merging_and_households_across_companies(self):
        """A manager of one company merges members of the shared type; what they spent elsewhere stays theirs."""
        twin = self.make_member(self.group_type, name="Pia Near")
        self.buy(self.here, self.pia)
        self.buy(self.branch, twin)
        env = self.env(user=self.users["manager", self.there], context={"allowed_company_ids": self.there.ids})
        wizard = env["fidelity.member.merge"].create({"member_ids": [(6, 0, (self.pia | twin).ids)], "survivor_id": self.pia.id})
        self.assertIn("8 points", wizard.effect)
        wizard.action_merge()
        self.assertEqual((self.pia.balance, twin.balance), (8, 0))
        posting = self.env["fidelity.posting"].search([("kind", "=", "transfer")])
        self.assertEqual(posting.company_id, self.there)
        self.assertClean()

    # -- numbers and card types ------------------------------------------------------------------------------------

    def test_prefixes_are_unique_over_companies(self):
        """Also for a manager who does not see the other company's card types."""
        env = self.env(user=self.users["manager", self.there], context={"allowed_company_ids": self.there.ids})
        for prefix in ("0490", "04901", "049"):
            with self.subTest(prefix=prefix), self.assertRaisesRegex(ValidationError, "overlaps"), self.env.cr.savepoint():
                env["fidelity.card.type"].create({"name": "Clash", "code": f"clash-{prefix}", "number_prefix": prefix})
        created = env["fidelity.card.type"].create({"name": "Free", "code": "free", "number_prefix": "0455"})
        self.assertEqual((created.company_id, created.currency_id), (self.there, self.other_currency))

    def test_a_card_type_with_members_keeps_its_company(self):
        with self.assertRaisesRegex(ValidationError, "Make a new card type"):
            self.card_type.company_id = self.there
        bare = self.make_card_type(name="Bare", prefix="0485")
        partner = self.env["res.partner"].create({"name": "Eve"})
        self.env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": bare.id})
        for company in (self.there, self.env["res.company"]):
            with self.subTest(company=company), self.assertRaisesRegex(ValidationError, "Make a new card type"):
                bare.company_id = company
        unused = self.make_card_type(name="Unused", prefix="0486")
        unused.company_id = self.there
        self.assertEqual(unused.company_id, self.there)

    def test_a_company_with_card_types_is_not_deleted(self):
        """Its card types would become everybody's."""
        field = self.env["fidelity.card.type"]._fields["company_id"]
        self.assertEqual(field.ondelete, "restrict")

    def test_a_till_cannot_stand_in_a_store_of_another_company(self):
        with self.assertRaisesRegex(ValidationError, "Choose a store of Other shops"):
            self.tills[self.there].fidelity_store_id = self.tills[self.here].fidelity_store_id
            self.env.flush_all()
