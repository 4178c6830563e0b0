from datetime import timedelta
from uuid import uuid4

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..rules import code_number
from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestCode(FidelityCase):
    """Codes cannot be guessed, are used as often as they may be, and tell strangers nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.list = cls.env["fidelity.code.list"].create({"name": "Voucher of 5", "worth_amount": 5.0})
        cls.staff = cls.make_user("fid-staff", "loyalty_fidelity.group_fidelity_user")
        cls.boss = cls.make_user("fid-boss", "loyalty_fidelity.group_fidelity_manager")
        cls.store.user_ids = cls.staff
        cls.today = fields.Date.context_today(cls.list)

    def make(self, **kwargs):
        return self.list._make(**kwargs)

    def use(self, code, key="a", user=None, raw=None, **kwargs):
        kwargs.setdefault("store", self.store.with_user(user or self.staff))
        return self.env["fidelity.code"].with_user(user or self.staff)._fidelity_redeem(raw or code.code, key, **kwargs).sudo()

    def assertClean(self):
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    def test_every_code_is_another_and_reads_right(self):
        codes = self.make(count=200)
        self.assertEqual(len(set(codes.mapped("code"))), 200)
        self.assertTrue(all(code_number.is_code(code.code) for code in codes))
        self.assertGreaterEqual(len(code_number.ALPHABET) ** code_number.RANDOM_LENGTH, 2**64)
        with self.assertRaisesRegex(UserError, "between 1 and"):
            self.make(count=10_001)

    def test_a_code_is_drawn_as_code_128(self):
        code = self.make()
        self.assertIn(b"<svg", code._code128())
        self.assertEqual(code.code_text.replace("-", ""), code.code)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html("loyalty_fidelity.report_code", code.ids)
        self.assertIn(code.code_text, html.decode())
        self.assertIn("data:image/svg", html.decode())

    def test_a_code_is_used_once(self):
        code = self.make()
        use = self.use(code, raw=f" {code.code_text.lower()}\r\n", source_ref="R 1")
        self.assertEqual((code.state, use.store_id, use.source_ref, use.author_name), ("redeemed", self.store, "R 1", "fid-staff"))
        self.assertEqual(self.use(code), use, "the same key is the same use")
        with self.assertRaisesRegex(UserError, "was used on .* in Store S1"):
            self.use(code, "b")

    def test_a_code_of_several_uses_is_used_so_often(self):
        self.list.uses_max = 2
        code = self.make()
        self.use(code)
        self.assertEqual(code.state, "generated")
        self.use(code, "b")
        self.assertEqual((code.state, code.use_count), ("redeemed", 2))
        with self.assertRaises(UserError):
            self.use(code, "c")

    def test_why_a_code_cannot_be_used_is_said_to_staff(self):
        yesterday = self.today - timedelta(days=1)
        anna = self.member.with_user(self.staff)
        carla = self.make_member(self.card_type, name="Carla Neri")
        other = self.make_card_type("Other", "0481")
        for terms, kwargs, message in (
            ({"to_date": yesterday}, {}, "expired"),
            ({"from_date": self.today + timedelta(days=1)}, {}, "can be used from"),
            ({"minimum_receipt": 20.0}, {"receipt_minor": 1999}, "needs a receipt"),
            ({"bearer": False}, {"member": anna}, "another member"),
            ({"card_type_id": other.id}, {"member": anna}, "for members of Other"),
            ({"worth": "points", "worth_points": 5}, {}, "Choose the member"),
        ):
            code = self.list.copy(terms)._make(member=carla)
            with self.subTest(terms=terms), self.assertRaisesRegex(UserError, message):
                self.use(code, **kwargs)
        code = self.make()
        code.with_user(self.boss).action_cancel()
        with self.assertRaisesRegex(UserError, "cancelled"):
            self.use(code)
        with self.assertRaisesRegex(UserError, "cannot be used here"):
            self.use(None, raw=self.env["fidelity.code"]._new_number())

    def test_codes_for_some_products(self):
        """What cannot be is refused; what codes hold on to is not deleted; a list says what it is for."""
        product = self.env["product.product"].create({"name": "Lamp"})
        lamps = self.env["fidelity.selector"].create({"name": "Lamps", "product_ids": product.ids})
        self.list.worth_selector_id = lamps
        self.assertRegex(self.list.worth_text, r"5\.00 off Lamps")
        code = self.make()
        self.assertEqual(code.worth_version_id._rule(), lamps._rule_payload())
        with self.assertRaisesRegex(ValidationError, "is used by Voucher of 5"):
            lamps.unlink()
        self.list.worth_selector_id = False
        with self.assertRaisesRegex(ValidationError, "is used by Voucher of 5"):
            lamps.unlink()
        self.assertFalse(self.make().worth_version_id)
        lamps.active = False
        with self.assertRaisesRegex(ValidationError, "Lamps is archived"):
            self.list.worth_selector_id = lamps
        lamps.write({"active": True, "company_id": self.env["res.company"].create({"name": "Elsewhere"}).id})
        with self.assertRaisesRegex(ValidationError, "Lamps belongs to another company"):
            self.list.worth_selector_id = lamps
        points = self.list.copy({"worth": "points", "worth_points": 5, "worth_selector_id": False})
        points.worth_selector_id = self.env["fidelity.selector"].create({"name": "All lamps", "product_ids": product.ids})
        self.assertFalse(points._make().worth_version_id, "points are for the whole")
        with self.assertRaises(AccessError):
            self.env["fidelity.selector.version"].with_user(self.boss).create({"selector_id": lamps.id, "payload": "{}"})

    def test_a_stranger_is_told_the_same_whatever_the_reason(self):
        used, cancelled, fresh = self.make(count=3)
        self.use(used)
        cancelled._cancel()
        codes = self.env["fidelity.code"].with_user(self.make_user("fid-cashier")).sudo()
        said = {codes.browse(code.id)._refusal("used") for code in (used, cancelled, fresh)}
        said |= {codes.browse(cancelled.id)._refusal("cancelled"), codes._refusal("unknown")}
        self.assertEqual(len(said), 1)

    def test_a_code_of_another_company_is_unknown(self):
        company = self.env["res.company"].create({"name": "Other company"})
        code = self.list.copy({"company_id": company.id})._make()
        with self.assertRaisesRegex(UserError, "cannot be used here"):
            self.use(code)
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.list.copy({"company_id": company.id, "card_type_id": self.card_type.id})

    def test_a_personal_code_works_for_its_member_also_when_he_was_merged(self):
        self.list.bearer = False
        carla = self.make_member(self.card_type, name="Carla Neri")
        code = self.make(member=carla)
        carla._merge_into(self.member, str(uuid4()))
        self.use(code, member=self.member.with_user(self.staff))
        self.assertEqual(code.state, "redeemed")

    def test_points_are_posted_once(self):
        self.list.write({"worth": "points", "worth_points": 50})
        code = self.make()
        use = self.use(code, member=self.member.with_user(self.staff))
        self.use(code, member=self.member.with_user(self.staff))
        self.assertEqual((self.member.balance, use.posting_id.kind, use.posting_id.entry_ids.kind), (50, "grant", "grant"))
        self.assertEqual(use.posting_id.op_key, f"code:{code.id}:a")
        self.assertClean()

    def test_a_gift_is_handed_over_without_points_and_counts(self):
        mug = self.env["fidelity.prize"].create(
            {"name": "Mug", "card_type_id": self.card_type.id, "points": 10, "availability": "limited", "limit_count": 1}
        )
        self.list.write({"worth": "gift", "worth_prize_id": mug.id})
        first, second = self.make(count=2)
        use = self.use(first, member=self.member.with_user(self.staff))
        self.assertEqual((use.reservation_id.state, use.reservation_id.handed_by), ("handed", "fid-staff"))
        self.assertEqual((mug.left_count, self.member.balance), (0, 0))
        with self.assertRaisesRegex(UserError, "No Mug is left"):
            self.use(second, "b", member=self.member.with_user(self.staff))
        self.assertEqual(second.state, "generated")

    def test_a_gift_voucher_makes_a_code_and_takes_it_along(self):
        voucher = self.env["fidelity.prize"].create(
            {"name": "Voucher", "kind": "voucher", "card_type_id": self.card_type.id, "points": 10, "code_list_id": self.list.id}
        )
        self.list.valid_days = 30
        self.adjust(self.member, 100)
        wizard = self.env["fidelity.redemption"].with_user(self.staff)
        wizard = wizard.create({"member_id": self.member.id, "prize_id": voucher.id, "store_id": self.store.id})
        action = wizard.action_give()
        code = self.env["fidelity.code"].browse(action["res_id"])
        self.assertEqual((code.with_user(self.staff).state, code.member_id, code.origin), ("sent", self.member, "prize"))
        self.assertEqual((code.to_date, self.member.balance), (self.today + timedelta(days=30), 90))
        code.posting_id._take_back("Changed his mind")
        self.assertEqual((code.state, self.member.balance), ("cancelled", 100))
        posting = self.member._fidelity_take_prize(voucher, "b", self.store)
        self.use(posting.code_ids)
        with self.assertRaisesRegex(UserError, "was used"):
            posting._take_back("Too late")
        with self.assertRaisesRegex(UserError, "is a voucher"):
            self.member._fidelity_take_prize(voucher, "c", self.store, reserve=True)
        with self.assertRaisesRegex(ValidationError, "fill in Voucher"):
            voucher.copy({"code_list_id": False})

    def test_terms_that_make_no_sense_are_refused_and_the_field_is_named(self):
        for vals, message in (
            ({"worth_amount": 0.0}, "Amount"),
            ({"worth": "percent", "worth_percent": 100.5}, "Percentage"),
            ({"worth": "points"}, "Points"),
            ({"worth": "gift"}, "Gift"),
            ({"minimum_receipt": -1.0}, "From a receipt of"),
            ({"uses_max": 0}, "Uses"),
            ({"valid_days": -1}, "Days valid"),
            ({"from_date": "2026-02-02", "to_date": "2026-02-01"}, "Valid until"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, message):
                self.list.copy(vals)

    def test_changed_terms_do_not_change_codes_that_were_made(self):
        code = self.make()
        self.list.worth_amount = 1.0
        self.assertEqual((code.worth_amount, self.make().worth_amount), (5.0, 1.0))
        with self.assertRaisesRegex(UserError, "archived"):
            self.list.unlink()

    def test_codes_expire_at_night(self):
        self.list.to_date = self.today - timedelta(days=3)
        old = self.make(count=3)
        self.list.to_date = self.today
        fresh = self.make()
        with self.enter_registry_test_mode():
            self.env.ref("loyalty_fidelity.ir_cron_expire_codes").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((old.mapped("state"), fresh.state), (["expired"] * 3, "generated"))

    def test_who_may_what(self):
        code = self.make(store=self.store)
        stranger = self.make_user("fid-stranger", "loyalty_fidelity.group_fidelity_user")
        self.assertTrue(self.env["fidelity.code"].with_user(self.staff).search([("id", "=", code.id)]))
        self.assertFalse(self.env["fidelity.code"].with_user(stranger).search([("id", "=", code.id)]))
        nobody = self.make_user("fid-nobody")
        for attempt in (
            lambda: self.use(code, user=nobody),
            lambda: self.env["fidelity.code"].with_user(nobody).search([]),
            lambda: code.with_user(self.boss).write({"worth_amount": 50.0}),
            lambda: code.with_user(self.staff).action_cancel(),
            lambda: self.list.with_user(self.staff).write({"worth_amount": 50.0}),
            lambda: self.env["fidelity.code.batch"].with_user(self.staff).create({"list_id": self.list.id}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_the_screen_says_what_a_code_gives_before_it_is_used(self):
        code = self.make()
        form = Form(self.env["fidelity.code.redemption"].with_user(self.staff))
        form.raw = "nonsense"
        self.assertFalse(form.is_usable)
        form.raw = code.code_text
        self.assertTrue(form.is_usable)
        self.assertIn("5.00", form.finding)
        form.save().action_use()
        self.assertEqual(code.state, "redeemed")

    def test_many_codes_are_made_at_once(self):
        wizard = self.env["fidelity.code.batch"].with_user(self.boss).create({"list_id": self.list.id, "count": 12})
        wizard.action_make()
        self.assertEqual((self.list.code_count, self.list.used_count), (12, 0))
