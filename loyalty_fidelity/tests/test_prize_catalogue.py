from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestPrizeCatalogue(FidelityCase):
    """What a prize may be, who may have it, and how many there are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mug = cls.env["fidelity.prize"].create({"name": "Mug", "card_type_id": cls.card_type.id, "points": 10})
        cls.staff = cls.make_user("fid-staff", "loyalty_fidelity.group_fidelity_user")
        cls.store.user_ids = cls.staff
        cls.other_store = cls.make_store("S2")

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 100)

    def take(self, key, prize=None, member=None, store=None, **kwargs):
        member = (member or self.member).with_user(self.staff)
        return member._fidelity_take_prize((prize or self.mug).with_user(self.staff), key, store, **kwargs)

    def offered(self, **kwargs):
        return self.env["fidelity.prize"]._given_to(self.member, **kwargs)

    def test_what_makes_no_sense_is_refused_and_the_field_is_named(self):
        product = self.env["product.product"].create({"name": "Mug"})
        archived = self.env["product.product"].create({"name": "Mug", "active": False})
        foreign = self.env["fidelity.tier"].create({"name": "Foreign", "card_type_id": self.make_card_type("Other", "0481").id})
        for vals, message in (
            ({"kind": "product"}, "Product"),
            ({"kind": "product", "product_id": archived.id}, "Product Mug .*archived"),
            ({"money_part": -0.01}, "And money"),
            ({"availability": "limited"}, "Number"),
            ({"member_limit": -1}, "Each member"),
            ({"pickup_days": 0}, "Days to collect"),
            ({"tier_ids": [(6, 0, foreign.ids)]}, "Tiers has Foreign"),
            ({"from_date": "2026-02-02", "to_date": "2026-02-01"}, "last day"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, message):
                self.mug.copy(vals)
        self.assertEqual(self.mug.copy({"kind": "product", "product_id": product.id}).kind, "product")

    def test_of_a_limited_number_no_more_is_given(self):
        self.mug.write({"availability": "limited", "limit_count": 2})
        self.take("a")
        posting = self.take("b")
        self.assertEqual((self.mug.left_count, self.offered()), (0, self.env["fidelity.prize"]))
        with self.assertRaisesRegex(UserError, "No Mug is left"):
            self.take("c")
        posting.sudo()._take_back("Broken")
        self.mug.invalidate_recordset()
        self.assertEqual((self.mug.left_count, self.mug.given_count), (1, 1))
        self.take("c")
        self.assertEqual(self.member.balance, 80)

    def test_what_is_reserved_is_not_left(self):
        self.mug.write({"availability": "limited", "limit_count": 1})
        reservation = self.take("a", store=self.store, reserve=True)
        self.assertEqual(self.mug.left_count, 0)
        reservation.action_cancel()
        self.mug.invalidate_recordset()
        self.assertEqual(self.mug.left_count, 1)

    def test_no_member_has_more_than_it_allows(self):
        self.mug.member_limit = 1
        self.take("a")
        self.assertFalse(self.offered())
        with self.assertRaisesRegex(UserError, "all that one member may have"):
            self.take("b")
        carla = self.make_member(self.card_type, name="Carla Neri")
        self.adjust(carla, 10)
        self.take("c", member=carla)
        self.assertEqual((self.member.balance, carla.balance), (90, 0))

    def test_tiers_and_stores_say_who_and_where(self):
        silver, gold = self.env["fidelity.tier"].create(
            [
                {"name": name, "card_type_id": self.card_type.id, "sequence": number}
                for number, name in enumerate(("Silver", "Gold"))
            ]
        )
        self.member.tier_id = silver
        self.mug.tier_ids = gold
        self.assertFalse(self.offered())
        with self.assertRaisesRegex(UserError, "Mug is for Gold"):
            self.take("a")
        self.member.tier_id = gold
        self.mug.store_ids = self.store
        self.assertFalse(self.offered(store=self.other_store))
        self.assertEqual(self.offered(store=self.store), self.mug)
        self.other_store.user_ids = self.staff
        with self.assertRaisesRegex(UserError, "given in .*S1.* alone"):
            self.take("a", store=self.other_store)
        self.take("a", store=self.store)

    def test_the_same_key_gives_once(self):
        self.assertEqual(self.take("a"), self.take("a"))
        self.assertEqual(self.member.balance, 90)
        for key in ("", "x" * 65, "a:undo", "a\n"):
            with self.subTest(key=key), self.assertRaises(UserError):
                self.take(key)

    def test_who_may_not_give_prizes_is_refused(self):
        nobody = self.make_user("fid-nobody")
        with self.assertRaises(AccessError):
            self.member.with_user(nobody)._fidelity_take_prize(self.mug.with_user(nobody), "a")
        with self.assertRaises(AccessError):
            self.mug.with_user(self.staff).points = 1
        with self.assertRaises(AccessError):
            self.take("a", store=self.other_store.with_user(self.staff))

    def test_prizes_of_another_company_stay_there(self):
        company = self.env["res.company"].create({"name": "Other company"})
        card_type = self.make_card_type("Other", "0481", company=company)
        prize = self.env["fidelity.prize"].create({"name": "Lamp", "card_type_id": card_type.id, "points": 1})
        with self.assertRaises(AccessError):
            self.take("a", prize=prize)

    def test_the_form_asks_for_what_its_kind_needs(self):
        form = Form(self.env["fidelity.prize"])
        form.name = "Vase"
        form.card_type_id = self.card_type
        form.kind = "product"
        with self.assertRaisesRegex(AssertionError, "product_id"):
            form.save()
        form.product_id = self.env["product.product"].create({"name": "Vase"})
        form.money_part = 5.0
        prize = form.save()
        self.assertEqual((prize.kind, prize.money_part, prize.currency_id), ("product", 5.0, self.card_type.currency_id))
