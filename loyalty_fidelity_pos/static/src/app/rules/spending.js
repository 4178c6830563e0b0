/** Paying with what a member has; the mirror of `loyalty_fidelity/rules/spending.py`. */

import { add, largestRemainder, whole } from "./arithmetic.js";
import { RuleError } from "./errors.js";
import { saleLines } from "./line_price.js";

/** The benefit of what is paid with cashback: reserved, no ruleset has such a key. */
export const CASHBACK = "cashback";

/**
 * Give what is paid with cashback, shared over the sale lines by what is left of each.
 *
 * @param {PriceLine[]} lines with amounts after the card's percentages
 * @param {Object<string, number>} taken by line key, what amounts off take of sale lines together, zero or more
 * @param {number} wish_minor what the member wants to spend, zero or more
 * @returns {{benefit: string, amount_minor: number, allocation: Object<string, number>}|null} null where it comes to nothing
 * @throws {RuleError} `duplicate` for two lines with one key, `choice` for something taken of another line, `type`, `range`,
 *     `overflow`
 */
export function spend(lines, taken, wish_minor) {
    whole(wish_minor, "wish_minor", 0);
    const left = new Map(saleLines(lines).map((line) => [line.key, line.total_minor]));
    for (const [key, amount] of Object.entries(taken)) {
        if (!left.has(key)) {
            throw new RuleError("choice", { field: "taken" });
        }
        left.set(key, add([left.get(key), -whole(amount, "taken", 0)]));
    }
    const weights = [...left].filter(([_key, amount]) => amount > 0);
    const amount_minor = Math.min(wish_minor, Math.max(0, add([...left.values()])));
    if (!amount_minor) {
        return null;
    }
    const shares = largestRemainder(
        amount_minor,
        weights.map(([_key, amount]) => amount)
    );
    const parts = weights.map(([key], at) => [key, shares[at]]).filter(([_key, share]) => share);
    return { benefit: CASHBACK, amount_minor, allocation: Object.fromEntries(parts) };
}
