/** Paying with what a member has; the mirror of `loyalty_fidelity/rules/spending.py`. */

import { add, largestRemainder, whole } from "./arithmetic.js";
import { RuleError } from "./errors.js";
import { saleLines } from "./line_price.js";

/** The benefit of what is paid with cashback: reserved, no ruleset has such a key. */
export const CASHBACK = "cashback";

/**
 * Give what is left of each sale line after amounts off.
 *
 * @param {PriceLine[]} lines with amounts after the card's percentages
 * @param {Object<string, number>} taken by line key, what amounts off take of sale lines together, zero or more
 * @returns {Map<string, number>} by line key, signed
 * @throws {RuleError} `duplicate` for two lines with one key, `choice` for something taken of another line, `type`, `range`,
 *     `overflow`
 */
export function leftOf(lines, taken) {
    const left = new Map(saleLines(lines).map((line) => [line.key, line.total_minor]));
    for (const [key, amount] of Object.entries(taken)) {
        if (!left.has(key)) {
            throw new RuleError("choice", { field: "taken" });
        }
        left.set(key, add([left.get(key), -whole(amount, "taken", 0)]));
    }
    return left;
}

/**
 * Share an amount over lines by what is left of each, by largest remainder.
 *
 * @param {Map<string, number>} left by line key, signed; only what is above zero takes part
 * @param {number} amount_minor above zero, at most what is left together
 * @returns {Object<string, number>} by line key, above zero
 * @throws {RuleError} `type`, `range`, `overflow`
 */
export function shareOff(left, amount_minor) {
    const weights = [...left].filter(([_key, amount]) => amount > 0);
    const shares = largestRemainder(
        amount_minor,
        weights.map(([_key, amount]) => amount)
    );
    const parts = weights.map(([key], at) => [key, shares[at]]);
    return Object.fromEntries(parts.filter(([_key, share]) => share));
}

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
    const left = leftOf(lines, taken);
    const amount_minor = Math.min(wish_minor, Math.max(0, add([...left.values()])));
    return amount_minor ? { benefit: CASHBACK, amount_minor, allocation: shareOff(left, amount_minor) } : null;
}
