from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class FidelityPrize(models.Model):
    """Prizes from stock: what is left follows the product, and what is handed over leaves the warehouse.

    Invariant: of two who take the last one of a product at once, also as two different prizes, one gets it: both write
    over, unchanged, all prizes of that product.
    """

    _inherit = "fidelity.prize"

    availability = fields.Selection(
        selection_add=[("product", "What the product has in stock")], ondelete={"product": "set default"}
    )

    @api.constrains("availability", "product_id")
    def _check_storable(self):
        for prize in self:
            if prize.availability == "product" and not prize.product_id.is_storable:
                raise ValidationError(
                    self.env._(
                        "%(prize)s: Product is an article whose inventory is tracked, or choose another number.", prize=prize.name
                    )
                )

    def _hold(self):
        products = self.filtered(lambda prize: prize.availability == "product").product_id
        if products:
            self.env.execute_query(
                SQL(
                    "UPDATE fidelity_prize SET sequence = sequence WHERE id IN"
                    " (SELECT id FROM fidelity_prize WHERE product_id IN %s ORDER BY id FOR NO KEY UPDATE) RETURNING id",
                    tuple(products.ids),
                )
            )
        return super(FidelityPrize, self.filtered(lambda prize: prize.availability != "product"))._hold()

    def _left_counts(self, store=None):
        left = super()._left_counts(store)
        stocked = self.sudo().filtered(lambda prize: prize.availability == "product" and prize.product_id)
        if not stocked:
            return left
        warehouse = store and store._fidelity_warehouse()
        products = stocked.product_id.with_context(warehouse_id=warehouse.id) if warehouse else stocked.product_id
        free = {product.id: int(product.free_qty) for product in products}
        waiting = self._waiting_counts(stocked.product_id, warehouse)
        for prize in stocked:
            product = prize.product_id.id
            left[prize._origin.id] = max(0, free[product] - waiting.get(product, 0))
        return left

    @api.model
    def _waiting_counts(self, products, warehouse=None):
        """How many of each product are set aside as prizes, and still in the warehouse.

        :return: dict product id → number
        """
        reservations = self.env["fidelity.reservation"].sudo()
        waiting = reservations.search([("state", "in", ("reserved", "ready")), ("prize_id.product_id", "in", products.ids)])
        counts = {}
        for reservation in waiting:
            if not warehouse or reservation.store_id._fidelity_warehouse() == warehouse:
                product = reservation.prize_id.product_id.id
                counts[product] = counts.get(product, 0) + 1
        return counts

    def _fidelity_handed_over(self, member, store, reference):
        res = super()._fidelity_handed_over(member, store, reference)
        self._move_stock(member, store, reference)
        return res

    def _fidelity_came_back(self, member, store, reference):
        res = super()._fidelity_came_back(member, store, reference)
        self._move_stock(member, store, reference, back=True)
        return res

    def _move_stock(self, member, store, reference, back=False):
        """Move one of this prize out of the warehouse of the store, or back into it.

        :return: the picking; empty where nothing has to move
        """
        pickings = self.env["stock.picking"].sudo()
        product = self.sudo().product_id
        warehouse = store and store._fidelity_warehouse()
        if product.type != "consu" or not warehouse:
            return pickings
        partner = member.sudo().partner_id
        stock, customer = warehouse.lot_stock_id, partner.with_company(warehouse.company_id).property_stock_customer
        source, target = (customer, stock) if back else (stock, customer)
        picking = pickings.with_company(warehouse.company_id).create(
            {
                "picking_type_id": (warehouse.in_type_id if back else warehouse.out_type_id).id,
                "partner_id": partner.id,
                "origin": reference,
                "location_id": source.id,
                "location_dest_id": target.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "product_uom_qty": 1.0,
                            "product_uom": product.uom_id.id,
                            "location_id": source.id,
                            "location_dest_id": target.id,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        if product.tracking == "none":
            picking.move_ids.write({"quantity": 1.0, "picked": True})
            picking._action_done()
        return picking
