from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ..rules import selector as kernel

#: What a selector names, for and as exceptions: part of the payload → (field that includes, field that excepts).
PARTS = {
    "products": ("product_ids", "except_product_ids"),
    "categories": ("category_ids", "except_category_ids"),
    "tags": ("tag_ids", "except_tag_ids"),
    "values": ("value_ids", "except_value_ids"),
}
INCLUDING = tuple(including for including, _excepting in PARTS.values())
EXCEPTING = tuple(excepting for _including, excepting in PARTS.values())
SELECTOR_FIELDS = (*INCLUDING, *EXCEPTING)
SHOWN = 2


def _named(model, table, string, help_text, restrict=True):
    """A list of what a selector names, archived ones too: published rules know them for ever."""
    return fields.Many2many(
        model,
        table,
        "selector_id",
        "named_id",
        string=string,
        check_company=model == "product.product",
        context={"active_test": False},
        # Without the last of what it names a selector would hit everything.
        ondelete="restrict" if restrict else "cascade",
        help=help_text,
    )


class FidelitySelector(models.Model):
    """Which products: for benefits, member prices and whatever else is for some products only.

    A product is hit when it is one of the products, is in one of the categories or below it, or has one of the tags or
    attribute values (without any of these: every product), and is none of the exceptions. Published rules keep what it
    was when they were published; changing it counts from the next publication on.
    """

    _name = "fidelity.selector"
    _description = "Product selection"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, help="What people call these products, such as Wine or Spring collection.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Archive a selection that nobody chooses any more.")
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
        help="The company whose products these are. Empty: all companies of this database share it.",
    )
    product_ids = _named("product.product", "fidelity_selector_product_rel", "Products", "These products, each variant by itself.")
    category_ids = _named(
        "product.category",
        "fidelity_selector_category_rel",
        "Categories",
        "All products of these categories and of those below them.",
    )
    tag_ids = _named("product.tag", "fidelity_selector_tag_rel", "Tags", "All products with one of these tags.")
    value_ids = _named(
        "product.attribute.value",
        "fidelity_selector_value_rel",
        "Attributes",
        "All variants with one of these, such as Colour: Red.",
    )
    except_product_ids = _named(
        "product.product", "fidelity_selector_no_product_rel", "Except products", "Not these products.", restrict=False
    )
    except_category_ids = _named(
        "product.category",
        "fidelity_selector_no_category_rel",
        "Except categories",
        "Not the products of these categories and of those below them.",
        restrict=False,
    )
    except_tag_ids = _named(
        "product.tag", "fidelity_selector_no_tag_rel", "Except tags", "Not the products with one of these tags.", restrict=False
    )
    except_value_ids = _named(
        "product.attribute.value",
        "fidelity_selector_no_value_rel",
        "Except attributes",
        "Not the variants with one of these.",
        restrict=False,
    )
    summary = fields.Char(compute="_compute_summary", string="Which products", help="What it hits, in plain words.")
    product_count = fields.Integer(compute="_compute_product_count", string="Products hit", help="How many products it hits now.")

    @api.depends(*SELECTOR_FIELDS)
    @api.depends_context("lang")
    def _compute_summary(self):
        for selector in self:
            included = selector._named_texts(INCLUDING)
            excepted = selector._named_texts(EXCEPTING)
            text = format_list(self.env, included, "or") if included else self.env._("All products")
            if excepted:
                text = self.env._("%(products)s, except %(others)s", products=text, others=format_list(self.env, excepted, "or"))
            selector.summary = text

    def _named_texts(self, names):
        """What some fields name, shortened: the first ones by name, the others counted."""
        texts = []
        for name in names:
            records = self[name]
            texts += records[:SHOWN].mapped("display_name")
            if len(records) > SHOWN:
                texts.append(self.env._("%(count)s more", count=len(records) - SHOWN))
        return texts

    @api.depends(*SELECTOR_FIELDS, "company_id")
    def _compute_product_count(self):
        for selector in self:
            selector.product_count = self.env["product.product"].search_count(selector._product_domain())

    def _product_domain(self):
        """The products in use that this selector hits, as a domain."""
        self.ensure_one()
        including = Domain.OR(self._part_domain(name) for name in INCLUDING if self[name])
        if not any(self[name] for name in INCLUDING):
            including = Domain.TRUE
        excepting = Domain.OR(self._part_domain(name) for name in EXCEPTING if self[name])
        company = self.company_id
        own = Domain("company_id", "in", [False, *company.parent_ids.ids]) if company else Domain.TRUE
        return including & ~excepting & own

    def _part_domain(self, name):
        ids = self[name]._origin.ids
        if name in PARTS["products"]:
            return Domain("id", "in", ids)
        if name in PARTS["categories"]:
            return Domain("categ_id", "child_of", ids)
        if name in PARTS["tags"]:
            return Domain("product_tag_ids", "in", ids) | Domain("additional_product_tag_ids", "in", ids)
        # A value that makes no variant is chosen at the till: whoever can have it is hit.
        chosen = Domain("value_ids", "in", ids) & Domain("attribute_id.create_variant", "=", "no_variant")
        variant = Domain("product_template_attribute_value_ids.product_attribute_value_id", "in", ids)
        return variant | Domain("product_tmpl_id.attribute_line_ids", "any", chosen)

    @api.constrains(*SELECTOR_FIELDS, "company_id")
    def _check_hits(self):
        for selector in self:
            if not any(selector[name] for name in SELECTOR_FIELDS):
                raise ValidationError(
                    self.env._(
                        "%(name)s: name its products, categories, tags or attributes, or what is excepted.", name=selector.name
                    )
                )
            named = selector.product_ids
            alone = not any(selector[name] for name in INCLUDING if name != "product_ids")
            if named and alone and not any(named.mapped("active")):
                raise ValidationError(
                    self.env._("%(name)s: its products are all archived. Choose products that are sold.", name=selector.name)
                )
            if not selector.product_count:
                raise ValidationError(
                    self.env._(
                        "%(name)s hits no product. Choose products or categories that have some, or take exceptions away.",
                        name=selector.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for selector in self.sudo():
            users = selector._used_by()
            if users:
                raise ValidationError(
                    self.env._(
                        "%(name)s is used by %(users)s. Choose other products there first, or archive it.",
                        name=selector.name,
                        users=", ".join(users),
                    )
                )

    def _used_by(self):
        """Names of what uses this selector, for who wants to delete it. Whatever uses selectors adds its own."""
        return []

    def action_view_products(self):
        """Show the products that this selector hits now."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "product.product",
            "view_mode": "list,form",
            "domain": list(self._product_domain()),
            "context": {"create": False},
        }

    # -- matching ------------------------------------------------------------------------------------------------------

    @api.model
    def _matched(self, ruleset, products, values=dict):
        """The selectors of rules that lines match.

        :param ruleset: the kernel's
        :param dict products: by line key, the id of its product; nothing for a line without one
        :param values: gives the attribute values that were chosen for lines beside those of their variant, by key
        :return: by line key, keys of selectors; nothing for rules without any
        """
        if not ruleset.selectors:
            return {}
        looks = any(s.values or s.without.values for s in ruleset.selectors.values())
        facts = self._line_facts(products, values if looks else dict)
        return {key: kernel.matching(ruleset, product) for key, product in facts.items()}

    @api.model
    def _line_facts(self, products, values=dict):
        """What selectors look at of lines.

        :param dict products: as of :meth:`_matched`
        :param values: likewise
        :return: the kernel's ``Product`` by line key; nothing for a line without one
        """
        facts = self._facts({product_id for product_id in products.values() if product_id})
        chosen = values()
        return {
            key: _with_values(facts[product_id], chosen.get(key, ())) for key, product_id in products.items() if product_id in facts
        }

    @api.model
    def _facts(self, product_ids):
        """What selectors look at of products, in one statement.

        :param product_ids: ids of ``product.product``
        :return: dict id → the kernel's ``Product``
        """
        if not product_ids:
            return {}
        self.env["product.product"].flush_model(
            ["product_tmpl_id", "product_template_attribute_value_ids", "additional_product_tag_ids"]
        )
        self.env["product.template"].flush_model(["categ_id", "product_tag_ids"])
        self.env["product.category"].flush_model(["parent_path"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, c.parent_path,
                       ARRAY(SELECT r.product_tag_id FROM product_tag_product_template_rel r WHERE r.product_template_id = t.id
                              UNION SELECT r.product_tag_id FROM product_tag_product_product_rel r WHERE r.product_product_id = p.id),
                       ARRAY(SELECT DISTINCT v.product_attribute_value_id FROM product_variant_combination r
                               JOIN product_template_attribute_value v ON v.id = r.product_template_attribute_value_id
                              WHERE r.product_product_id = p.id)
                  FROM product_product p
                  JOIN product_template t ON t.id = p.product_tmpl_id
             LEFT JOIN product_category c ON c.id = t.categ_id
                 WHERE p.id = ANY (%s)
                """,
                list(product_ids),
            )
        )
        return {
            product_id: kernel.Product(
                product_id, tuple(int(part) for part in (path or "").split("/") if part), tuple(sorted(tags)), tuple(sorted(values))
            )
            for product_id, path, tags, values in rows
        }

    # -- compiling -----------------------------------------------------------------------------------------------------

    def _key(self):
        return f"s{self._origin.id}"

    def _rule_payload(self):
        """The selector as the kernel reads it."""
        self.ensure_one()
        return {
            **{part: self._payload_ids(including) for part, (including, _excepting) in PARTS.items()},
            "without": {part: self._payload_ids(excepting) for part, (_including, excepting) in PARTS.items()},
        }

    def _payload_ids(self, name):
        return sorted(self.sudo()[name]._origin.ids)


def _with_values(product, values):
    """A product with attribute values that were chosen for it beside those of its variant."""
    return replace(product, values=tuple(sorted({*product.values, *values}))) if values else product
