/**
 * Member prices: what the shop asks for a line of everybody, and what the member's price list and policy make of it.
 * A line sold at a member's price says so in `pos.order.line.fidelity_price`; see docs/architecture.md.
 */
import { readJson, writeJson } from "@loyalty_fidelity_pos/app/models/fidelity_json";

/** @returns {number} a unit price as the till rounds prices */
function rounded(line, price) {
    const precision = line.models["decimal.precision"].find((each) => each.name === "Product Price");
    return precision ? precision.round(price || 0) : price || 0;
}

/** What a price list asks for one unit of a line, as Odoo's own till asks for it. */
function unitPrice(line, pricelist) {
    const template = line.product_id.product_tmpl_id;
    const args = [pricelist, line.getQuantity(), line.getPriceExtra(), false, line.product_id];
    return rounded(line, line.isLotTracked() ? template.getPrice(...args, line, []) : template.getPrice(...args));
}

/**
 * @param {PosOrderline} line
 * @returns {{unit: number, shop: number}|null} the member's unit price that we wrote, and the shop's then; null without
 */
export function readMemberPrice(line) {
    const found = line.fidelity_price && readJson(line.fidelity_price);
    return found && typeof found.unit === "number" && typeof found.shop === "number" ? found : null;
}

/** @returns {boolean} the unit price comes from a price list: nobody typed it, it is no return and no part of a combo */
function followsPricelist(line) {
    return (
        line.price_type === "original" &&
        !line.refunded_orderline_id &&
        !line.isPartOfCombo() &&
        !line.isFidelityAmount() &&
        Boolean(line.product_id?.product_tmpl_id)
    );
}

/**
 * @param {ProductPricelist} pricelist the member's
 * @param {"lower"|"always"} policy
 * @param {number} shop the shop's unit price
 * @returns {number} what the member pays for one unit
 */
function memberUnit(line, { pricelist, policy }, shop) {
    const own = unitPrice(line, pricelist);
    return policy === "always" ? own : Math.min(own, shop);
}

/**
 * Give a line the price that it has to have. Whatever was written before counts for nothing: a price that is neither the
 * shop's nor ours was made by somebody else, and stands.
 *
 * @param {PosOrder} order
 * @param {PosOrderline} line
 * @param {{pricelist: ProductPricelist, policy: string}|null} pricing null: the shop's prices
 */
export function writeMemberPrice(order, line, pricing) {
    const written = readMemberPrice(line);
    if (!written && !pricing) {
        return;
    }
    if (!followsPricelist(line)) {
        if (line.fidelity_price) {
            line.update({ fidelity_price: false });
        }
        return;
    }
    const shop = unitPrice(line, order.pricelist_id);
    const now = rounded(line, line.price_unit);
    const ours = now === shop || (written && (now === written.unit || now === written.shop));
    const unit = ours && pricing ? memberUnit(line, pricing, shop) : shop;
    const text = ours && unit !== shop ? writeJson({ unit, shop, pricelist_id: pricing.pricelist.id }) : false;
    const changes = (line.fidelity_price || false) !== text ? { fidelity_price: text } : {};
    if (ours && now !== unit) {
        changes.price_unit = unit;
    }
    if (Object.keys(changes).length) {
        line.update(changes);
    }
}

/**
 * @param {PosOrderline} line
 * @returns {number} the unit price without the card
 */
export function shopUnit(line) {
    return readMemberPrice(line)?.shop ?? line.price_unit;
}

/**
 * The price list that the member of an order pays by: his tier's or his card type's as the server said, or, while he
 * is not known, that of the card type.
 *
 * @param {PosOrder} order
 * @param {Object} ruleset in force for its card
 * @returns {{pricelist: ProductPricelist, policy: string}|null} null for the shop's prices
 */
export function memberPricing(order, ruleset) {
    const member = order.getFidelityMember();
    const cardType = order.models["fidelity.card.type"].get(ruleset.cardTypeId);
    const id = member ? member.prices?.pricelist_id : cardType?.member_pricelist_id?.id;
    const pricelist = id && order.models["product.pricelist"].get(id);
    const policy = member ? member.prices?.policy : cardType?.member_price_policy;
    return pricelist ? { pricelist, policy } : null;
}

/** @returns {boolean} the member of an order has prices that this till did not load: made since it was opened */
export function lacksPrices(order) {
    const id = order.getFidelityMember()?.prices?.pricelist_id;
    return Boolean(id) && !order.models["product.pricelist"].get(id);
}
