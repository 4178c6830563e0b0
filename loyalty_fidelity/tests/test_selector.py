from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestSelector(FidelityCase):
    """Which products: what a selection hits, what is refused, who may change it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        category = cls.env["product.category"]
        cls.drinks = category.create({"name": "Drinks"})
        cls.wine = category.create({"name": "Wine", "parent_id": cls.drinks.id})
        cls.tag = cls.env["product.tag"].create({"name": "Local"})
        product = cls.env["product.product"]
        cls.water = product.create({"name": "Water", "categ_id": cls.drinks.id, "product_tag_ids": [(6, 0, cls.tag.ids)]})
        cls.red = product.create({"name": "Red wine", "categ_id": cls.wine.id})
        cls.bread = product.create({"name": "Bread", "categ_id": category.create({"name": "Bakery"}).id})
        colour = cls.env["product.attribute"].create({"name": "Shade", "value_ids": [(0, 0, {"name": n}) for n in ("Sky", "Sea")]})
        cls.sky, cls.sea = colour.value_ids
        cls.shirt = cls.env["product.template"].create(
            {
                "name": "Shirt",
                "attribute_line_ids": [(0, 0, {"attribute_id": colour.id, "value_ids": [(6, 0, colour.value_ids.ids)]})],
            }
        )
        cls.sky_shirt = cls.shirt.product_variant_ids[0]

    def make(self, name="Some", **lists):
        vals = {field: [(6, 0, records.ids)] for field, records in lists.items()}
        return self.env["fidelity.selector"].create({"name": name, **vals})

    def hit(self, selector):
        return self.env["product.product"].search(selector._product_domain())

    def test_a_category_hits_what_is_below_it_and_exceptions_count(self):
        drinks = self.make(category_ids=self.drinks)
        self.assertEqual(self.hit(drinks), self.water | self.red)
        self.assertEqual(drinks.product_count, 2)
        self.assertEqual(self.hit(self.make(category_ids=self.drinks, except_category_ids=self.wine)), self.water)
        self.assertEqual(self.hit(self.make(category_ids=self.drinks, except_product_ids=self.water)), self.red)
        self.assertEqual(self.hit(self.make(category_ids=self.drinks, except_tag_ids=self.tag)), self.red)

    def test_products_tags_and_attribute_values_add_up(self):
        both = self.make(product_ids=self.bread, tag_ids=self.tag, value_ids=self.sky)
        self.assertEqual(self.hit(both), self.bread | self.water | self.sky_shirt)
        without = self.make(except_value_ids=self.sky, except_category_ids=self.drinks)
        self.assertNotIn(self.sky_shirt, self.hit(without))
        self.assertIn(self.shirt.product_variant_ids[1], self.hit(without))

    def test_it_says_which_products_and_compiles_sorted(self):
        selector = self.make(product_ids=self.bread | self.red, except_category_ids=self.wine)
        self.assertEqual(selector.summary, "Bread or Red wine, except Drinks / Wine")
        self.assertEqual(self.make(except_product_ids=self.bread).summary, "All products, except Bread")
        self.assertEqual(
            selector._rule_payload(),
            {
                "products": sorted((self.bread | self.red).ids),
                "categories": [],
                "tags": [],
                "values": [],
                "without": {"products": [], "categories": self.wine.ids, "tags": [], "values": []},
            },
        )
        self.assertEqual(selector._key(), f"s{selector.id}")

    def test_what_hits_nothing_is_refused(self):
        empty = self.env["product.category"].create({"name": "Empty"})
        old = self.env["product.product"].create({"name": "Old", "active": False})
        for lists, words in (
            ({}, "name its products"),
            ({"product_ids": old}, "all archived"),
            ({"category_ids": empty}, "hits no product"),
            ({"product_ids": self.bread, "except_product_ids": self.bread}, "hits no product"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(ValidationError, words):
                self.make(**lists)
        kept = self.make(product_ids=self.bread | old)
        self.assertIn(old.id, kept._rule_payload()["products"], "published rules know archived products too")

    @mute_logger("odoo.sql_db")
    def test_what_it_names_cannot_be_deleted_under_it(self):
        """Without its only category a selection would hit everything."""
        self.make(category_ids=self.wine)
        self.red.categ_id = self.drinks
        with self.assertRaises(IntegrityError):
            self.wine.unlink()

    def test_only_a_manager_changes_it_and_companies_keep_theirs(self):
        selector = self.make(product_ids=self.bread)
        user = self.make_user("selector_user", "loyalty_fidelity.group_fidelity_store_manager")
        self.assertEqual(selector.with_user(user).name, "Some")
        with self.assertRaises(AccessError):
            selector.with_user(user).name = "Other"
        other = self.env["res.company"].create({"name": "Other company"})
        theirs = self.env["fidelity.selector"].create(
            {"name": "Theirs", "company_id": other.id, "product_ids": [(6, 0, self.red.ids)]}
        )
        self.assertNotIn(theirs, self.env["fidelity.selector"].with_user(user).search([]))
        bound = self.env["product.product"].create({"name": "Bound", "company_id": self.env.company.id})
        with self.assertRaises(UserError):
            theirs.product_ids = [(4, bound.id)]

    def test_the_form_says_how_many_products_before_saving(self):
        with Form(self.env["fidelity.selector"]) as form:
            form.name = "Drinks"
            form.category_ids.add(self.drinks)
            self.assertEqual(form.product_count, 2)
            self.assertEqual(form.summary, "Drinks")
