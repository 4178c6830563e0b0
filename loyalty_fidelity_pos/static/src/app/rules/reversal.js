/** What a receipt is still worth after goods came back; the mirror of `loyalty_fidelity/rules/reversal.py`. */

import { add, mulDivFloor, mulDivHalfUp, whole } from "./arithmetic.js";
import { lineAmount } from "./basket.js";
import { RuleError } from "./errors.js";
import { pointsFor, sharePoints } from "./evaluate.js";

/**
 * Give the part of a line's amount that the customer keeps.
 *
 * @param {number} amount_minor of the whole line, signed
 * @param {number} quantity_micro sold, in millionths; its sign does not matter
 * @param {number} returned_micro given back so far in total, zero or more; more than was sold counts as all of it
 * @returns {number}
 */
export function keptAmount(amount_minor, quantity_micro, returned_micro) {
    const quantity = Math.abs(whole(quantity_micro, "quantity_micro"));
    const returned = whole(returned_micro, "returned_micro", 0);
    if (!returned) {
        return whole(amount_minor, "amount_minor");
    }
    if (returned >= quantity) {
        return 0;
    }
    return add([amount_minor, -mulDivHalfUp(amount_minor, returned, quantity)]);
}

/**
 * Compute what a receipt is worth for the quantities kept.
 *
 * @param {Object} ruleset the one stored on the receipt, not today's
 * @param {Line[]} lines the receipt's sale lines as sold
 * @param {Object<string, number>} returned_micro quantity given back so far in total, by line key; absent means none
 * @param {number} base_minor the receipt's earning base, zero or more
 * @returns {{points: number, base_minor: number, line_points: Object<string, number>}}
 * @throws {RuleError} `choice` for a line that is no sale, `unknown_line` for a key that is not among the lines,
 *     `type`, `range` (a negative quantity or base), `overflow`
 */
export function keptPoints(ruleset, lines, returned_micro, base_minor) {
    whole(base_minor, "base_minor", 0);
    if (lines.some((line) => line.kind !== "sale")) {
        throw new RuleError("choice", { field: "kind" });
    }
    const keys = new Set(lines.map((line) => line.key));
    const unknown = Object.keys(returned_micro).filter((key) => !keys.has(key));
    if (unknown.length) {
        throw new RuleError("unknown_line", { count: unknown.length });
    }
    const amounts = lines.map((line) => lineAmount(ruleset, line));
    const kept = lines.map((line, at) => {
        const returned = Object.hasOwn(returned_micro, line.key) ? returned_micro[line.key] : 0;
        return keptAmount(amounts[at], line.quantity_micro, returned);
    });
    const sold_sum = add(amounts);
    // Giving a discount line back would leave more than was sold; whether that was paid is another order's matter.
    const kept_sum = Math.min(add(kept), sold_sum);
    const kept_base = kept_sum > 0 ? mulDivFloor(base_minor, kept_sum, sold_sum) : 0;
    const points = pointsFor(ruleset, kept_base);
    return { points, base_minor: kept_base, line_points: sharePoints(points, lines, kept) };
}
