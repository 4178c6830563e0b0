/**
 * Turns an order of the till into the kernel's basket: integers only, amounts in minor units of the order's currency.
 * It decides what kind of line a line is, not what it earns.
 */
import { roundDecimals } from "@web/core/utils/numbers";
import { Basket, Line } from "@loyalty_fidelity_pos/app/rules/basket";

const MICRO = 1000000;

/** @returns {number} an amount in minor units, half away from zero as on the server; -0 never leaves here */
function minor(amount, decimals) {
    return roundDecimals(amount * 10 ** decimals, 0) + 0;
}

/**
 * How a line counts; the server decides alike (`pos.order._fidelity_line_kind`).
 *
 * @param {PosOrderline} line
 * @returns {string} the kernel's kind of a line
 */
export function lineKind(line) {
    if (line.refunded_orderline_id) {
        return "return_linked";
    }
    if (line.isTipLine()) {
        return "excluded";
    }
    return line.qty < 0 && line.price_unit >= 0 ? "return_unlinked" : "sale";
}

function kernelLine(line, decimals) {
    // Not `priceIncl`: it turns the sign of every line of a refund, and the kernel's lines keep theirs.
    const details = line.prices;
    const untaxed = details.total_excluded_currency + details.delta_total_excluded_currency;
    const taxes = details.taxes_data.reduce((sum, tax) => sum + tax.tax_amount_currency, 0);
    return new Line({
        key: line.uuid,
        kind: lineKind(line),
        quantity_micro: Math.round(line.qty * MICRO) + 0,
        total_minor: minor(untaxed + taxes, decimals),
        untaxed_minor: minor(untaxed, decimals),
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
 * @returns {Basket} what the kernel's `evaluate` takes
 */
export function basketFromOrder(order) {
    const { name, decimal_places: decimals } = order.currency;
    const { eligible, ineligible } = payments(order, decimals);
    return new Basket({
        currency: name,
        lines: order.lines.map((line) => kernelLine(line, decimals)),
        eligible_paid_minor: eligible,
        ineligible_paid_minor: ineligible,
    });
}
