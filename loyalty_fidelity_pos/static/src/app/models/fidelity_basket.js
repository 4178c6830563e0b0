/**
 * Turns an order of the till into the kernel's basket: integers only, amounts in minor units of the order's currency.
 * It decides what kind of line a line is, not what it earns.
 */
import { add, largestRemainder } from "@loyalty_fidelity_pos/app/rules/arithmetic";
import { Basket, Line } from "@loyalty_fidelity_pos/app/rules/basket";
import { micro, minor, minorAmounts } from "@loyalty_fidelity_pos/app/models/fidelity_amounts";
import { readPrize } from "@loyalty_fidelity_pos/app/models/fidelity_prize";
import { selectorsOf } from "@loyalty_fidelity_pos/app/models/fidelity_product";

/**
 * How a line counts; the server decides alike (`pos.order._fidelity_line_kind`).
 *
 * @param {PosOrderline} line
 * @returns {string} the kernel's kind of a line
 */
export function lineKind(line) {
    if (line.isFidelityAmount()) {
        return "effect";
    }
    if (readPrize(line.fidelity_prize || line.refunded_orderline_id?.fidelity_prize)) {
        return "excluded";
    }
    if (line.qty < 0 && line.refunded_orderline_id?.qty > 0) {
        return "return_linked";
    }
    const excluded = line.config._fidelity_excluded_product_ids || [];
    if (line.isTipLine() || excluded.includes(line.product_id.id)) {
        return "excluded";
    }
    return line.qty < 0 && line.price_unit >= 0 ? "return_unlinked" : "sale";
}

/**
 * What the amount and share lines of an order took from its other lines.
 *
 * @returns {Object<string, {total_minor: number, untaxed_minor: number}>} by line uuid, negative where something was taken
 */
function allocations(order, amountsOf) {
    const taken = {};
    for (const line of order.lines.filter((line) => line.isFidelityAmount())) {
        const { kind, allocation } = line.getFidelityEffect();
        const keys = Object.keys(allocation || {});
        const parts = keys.map((key) => allocation[key]);
        const untaxed = largestRemainder(amountsOf(line).untaxed_minor, parts);
        const sign = kind === "amount" ? -1 : 1;
        keys.forEach((key, at) => {
            const before = taken[key] || { total_minor: 0, untaxed_minor: 0 };
            taken[key] = {
                total_minor: add([before.total_minor, sign * parts[at]]),
                untaxed_minor: add([before.untaxed_minor, untaxed[at]]),
            };
        });
    }
    return taken;
}

function kernelLines(order, decimals, rules) {
    // Not `priceIncl`: it turns the sign of every line of a refund, and the kernel's lines keep theirs.
    const amountsOf = (line) => minorAmounts(line.prices, decimals);
    const taken = allocations(order, amountsOf);
    return order.lines.map((line) => {
        const { total_minor, untaxed_minor } = amountsOf(line);
        return new Line({
            key: line.uuid,
            kind: lineKind(line),
            quantity_micro: micro(line.qty),
            total_minor: add([total_minor, taken[line.uuid]?.total_minor || 0]),
            untaxed_minor: add([untaxed_minor, taken[line.uuid]?.untaxed_minor || 0]),
            selectors: rules ? selectorsOf(rules, line) : [],
        });
    });
}

/**
 * Amounts paid so far, what is still due being paid with means that count.
 *
 * @returns {{eligible: number, ineligible: number}} in minor units, net of change; negative for a refund
 */
function payments(order, decimals) {
    let eligible = 0;
    let ineligible = 0;
    for (const payment of order.payment_ids) {
        if (!payment.isDone() || payment.is_change) {
            continue;
        }
        const amount = minor(payment.getAmount(), decimals);
        if (payment.payment_method_id.type === "pay_later") {
            ineligible += amount;
        } else {
            eligible += amount;
        }
    }
    const due = minor(order.totalDue, decimals);
    const paid = eligible + ineligible;
    const change = due >= 0 ? Math.max(0, paid - due) : Math.min(0, paid - due);
    return { eligible: eligible - change + minor(order.remainingDue, decimals), ineligible };
}

/**
 * @param {PosOrder} order
 * @param {Object|null} [rules] the kernel's ruleset, for what its selectors match
 * @returns {Basket} what the kernel's `evaluate` takes
 */
export function basketFromOrder(order, rules = null) {
    const { name, decimal_places: decimals } = order.currency;
    const { eligible, ineligible } = payments(order, decimals);
    return new Basket({
        currency: name,
        lines: kernelLines(order, decimals, rules),
        eligible_paid_minor: eligible,
        ineligible_paid_minor: ineligible,
    });
}
