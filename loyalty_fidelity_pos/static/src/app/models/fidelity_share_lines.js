/**
 * Shares: goods that come back give back the part of an amount off that fell on them. Cumulative over all returns, so
 * that their order does not matter.
 */
import { add } from "@loyalty_fidelity_pos/app/rules/arithmetic";
import { shareBack } from "@loyalty_fidelity_pos/app/rules/reversal";
import { micro, taxedBaseLines } from "@loyalty_fidelity_pos/app/models/fidelity_amounts";
import { writeEffect } from "@loyalty_fidelity_pos/app/models/fidelity_effect";
import { splitByTax, turned } from "@loyalty_fidelity_pos/app/models/fidelity_tax_data";

/** @returns {number} how much of a sold line other orders gave back, in millionths, zero or more */
function returnedElsewhere(sold, order) {
    const known = add(
        sold.refund_orderline_ids
            .filter((line) => line.order_id && line.order_id !== order && line.order_id.state !== "cancel")
            .map((line) => -micro(line.qty))
    );
    const own = add(sold.refund_orderline_ids.filter((l) => l.order_id === order && l.isSynced).map((l) => -micro(l.qty)));
    // The server counts returns that this till has not loaded.
    return Math.max(0, known, micro(sold.refunded_qty || 0) - own);
}

/** The amount lines of the order a line was sold in that took something from it. */
function amountLinesOf(sold) {
    return (sold.order_id?.lines || []).filter((line) => {
        const effect = line.fidelity_effect && line.getFidelityEffect();
        return effect?.kind === "amount" && effect.allocation?.[sold.uuid];
    });
}

/**
 * @param {PosOrder} order
 * @returns {{of: PosOrderline, allocation: Object<string, number>}[]} for each amount line touched, the part that each
 *     line of this order gives back, in minor units
 */
export function sharesOf(order) {
    const found = new Map();
    const returned = new Map();
    for (const line of order.lines) {
        const sold = !line.fidelity_effect && line.refunded_orderline_id;
        const amountLines = sold ? amountLinesOf(sold) : [];
        if (!amountLines.length) {
            continue;
        }
        const before = returned.get(sold.uuid) ?? returnedElsewhere(sold, order);
        const now = Math.max(0, -micro(line.qty));
        returned.set(sold.uuid, before + now);
        for (const amountLine of amountLines) {
            const allocated = amountLine.getFidelityEffect().allocation[sold.uuid];
            const share = shareBack(allocated, micro(sold.qty), before, now);
            if (share) {
                const parts = found.get(amountLine.uuid) || { of: amountLine, allocation: {} };
                parts.allocation[line.uuid] = share;
                found.set(amountLine.uuid, parts);
            }
        }
    }
    return [...found.values()];
}

/**
 * @param {PosOrder} order
 * @param {{of: PosOrderline, allocation: Object}} share
 * @param {boolean} negative the order's total is: the server will turn its lines over
 * @returns {Object|null} the line that gives the share back, as `amountLineVals` gives amount lines
 */
export function shareLineVals(order, { of, allocation }, negative) {
    const amount_minor = add(Object.values(allocation));
    const [line] = splitByTax(order, taxedBaseLines(order, [of], () => 0), amount_minor);
    if (!line) {
        return null;
    }
    const price_unit = 0 - line.price_unit;
    const data = { ...line.data, price_unit, quantity: -1 };
    return {
        place: of.uuid,
        amount_minor,
        taxes: of.tax_ids,
        vals: {
            qty: -1,
            price_unit,
            extra_tax_data: negative ? turned(data) : data,
            full_product_name: of.full_product_name,
            fidelity_effect: writeEffect({ kind: "share", of: of.uuid, allocation }),
            refunded_orderline_id: of,
        },
    };
}
