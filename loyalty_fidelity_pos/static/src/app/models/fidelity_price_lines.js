/** Turns the lines of an order into the kernel's price lines. */
import { roundDecimals } from "@web/core/utils/numbers";
import { ofKind } from "@loyalty_fidelity_pos/app/rules/ruleset";
import { add, mulDivFloor } from "@loyalty_fidelity_pos/app/rules/arithmetic";
import { PriceLine } from "@loyalty_fidelity_pos/app/rules/price";
import { minor, minorAmounts, taxedBaseLines, totalsWith } from "@loyalty_fidelity_pos/app/models/fidelity_amounts";
import { lineKind } from "@loyalty_fidelity_pos/app/models/fidelity_basket";
import { selectorsOf } from "@loyalty_fidelity_pos/app/models/fidelity_product";
import { shopUnit } from "@loyalty_fidelity_pos/app/models/fidelity_member_price";

const WHOLE_BPS = 10000;

/** @returns {boolean} some benefit of the ruleset changes the price */
export function changesPrice(rules) {
    return ofKind(rules, "discount", "rolling", "amount_off").length > 0;
}

/** @returns {number} a discount in hundredths of a percent */
export function bps(discount) {
    return roundDecimals(discount * 100, 0) + 0;
}

/** What the price list, the shop's or the member's, took of the list price of a line whose price nobody typed, in hundredths of a percent. */
function pricelistBps(order, line) {
    const listedPrice = order.pricelist_id || line.fidelity_price;
    if (!listedPrice || line.price_type !== "original" || line.isPartOfCombo()) {
        return 0;
    }
    const template = line.product_id.product_tmpl_id;
    const listed = template.getPrice(false, line.qty, line.price_extra || 0, false, line.product_id);
    if (!(listed > 0) || line.price_unit >= listed) {
        return 0;
    }
    return Math.min(WHOLE_BPS, bps((1 - line.price_unit / listed) * 100));
}

/**
 * What lines cost the shop, with the taxes of their prices before the card, rounded up; null where nobody knows. The
 * server says alike (`pos.order._fidelity_costs`).
 */
function costsMinor(order, lines) {
    const decimals = order.currency.decimal_places;
    const baseLines = taxedBaseLines(order, lines, (line) => bps(line.getFidelityManual()) / 100);
    return lines.map((line, at) => {
        const cost = line.product_id.standard_price;
        if (!(cost > 0)) {
            return null;
        }
        const cost_minor = minor(cost * line.qty, decimals);
        const { total_minor, untaxed_minor } = minorAmounts(baseLines[at].tax_details, decimals);
        const priced = untaxed_minor > 0 && total_minor > 0;
        return priced ? 0 - mulDivFloor(0 - cost_minor, total_minor, untaxed_minor) : cost_minor;
    });
}

/**
 * @param {PosOrder} order
 * @param {PosOrderline[]} lines those that are not of kind `effect`
 * @param {(line: PosOrderline) => number} discountOf percentage to compute a line's total with
 * @param {Object|null} [rules] the kernel's ruleset, where its price effects are asked
 * @returns {PriceLine[]}
 */
export function priceLines(order, lines, discountOf, rules = null) {
    const totals = totalsWith(order, lines, (line) => bps(discountOf(line)) / 100);
    const keeps = rules && ofKind(rules, "rolling").some((benefit) => benefit.keep_cost);
    const costs = keeps ? costsMinor(order, lines) : [];
    return lines.map(
        (line, at) =>
            new PriceLine({
                key: line.uuid,
                kind: lineKind(line),
                total_minor: totals[line.uuid],
                manual_bps: Math.min(WHOLE_BPS, bps(line.getFidelityManual())),
                pricelist_bps: pricelistBps(order, line),
                cost_minor: costs[at] ?? null,
                selectors: rules ? selectorsOf(rules, line) : [],
            })
    );
}

/**
 * @param {PosOrder} order
 * @returns {number} what the card took off the price of this order, tax included, in minor units: member prices,
 *     percentages and amounts off
 */
export function savedMinor(order) {
    const effects = new Map(order.lines.map((line) => [line, line.getFidelityEffect()]));
    const ofKindOf = (kind) => order.lines.filter((line) => effects.get(line)?.kind === kind);
    const amountsOff = ofKindOf("amount").map((line) => effects.get(line).amount_minor);
    if (!ofKindOf("percent").length && !order.lines.some((line) => line.fidelity_price)) {
        return add(amountsOff);
    }
    const goods = order.lines.filter((line) => !line.isFidelityAmount());
    const before = totalsWith(order, goods, (line) => bps(line.getFidelityManual()) / 100, shopUnit);
    const after = totalsWith(order, goods, (line) => line.getDiscount());
    return add([...Object.values(before), ...Object.values(after).map((total) => -total), ...amountsOff]);
}
