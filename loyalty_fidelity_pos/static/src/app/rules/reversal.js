/** What a receipt is still worth after goods came back; the mirror of `loyalty_fidelity/rules/reversal.py`. */

import { add, mulDivFloor, mulDivHalfUp, whole } from "./arithmetic.js";
import { lineAmount } from "./basket.js";
import { earn, rollingLeft } from "./earning.js";
import { RuleError } from "./errors.js";
import { NOWHERE } from "./situation.js";

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
 * Give the part of an amount off that comes back with goods, so that they are not paid back dearer than bought.
 *
 * @param {number} allocated_minor the part of the amount that fell on the line, zero or more
 * @param {number} quantity_micro sold, in millionths; its sign does not matter
 * @param {number} before_micro given back by earlier returns in total, zero or more
 * @param {number} now_micro given back by this return, zero or more
 * @returns {number} zero to `allocated_minor`; over all returns of a line it depends on their total only
 * @throws {RuleError} `type`, `range`, `overflow`
 */
export function shareBack(allocated_minor, quantity_micro, before_micro, now_micro) {
    whole(allocated_minor, "allocated_minor", 0);
    const after_micro = add([whole(before_micro, "before_micro", 0), whole(now_micro, "now_micro", 0)]);
    const kept_before = keptAmount(allocated_minor, quantity_micro, before_micro);
    return kept_before - keptAmount(allocated_minor, quantity_micro, after_micro);
}

/**
 * Compute what a receipt is worth for the quantities kept.
 *
 * @param {Object} ruleset the one stored on the receipt, not today's
 * @param {Line[]} lines the receipt's sale lines as sold, after discount and net of amounts off
 * @param {Object<string, number>} returned_micro quantity given back so far in total, by line key; absent means none
 * @param {number} base_minor the receipt's earning base, zero or more
 * @param {Situation} [situation] the one stored on the receipt, not today's
 * @returns {{points: number, base_minor: number, line_points: Object<string, number>, cashback_minor: number,
 *     line_cashback: Object<string, number>, rolling_bps: number|null, rolling_minor: number|null,
 *     benefit_points: Object<string, number>, benefit_cashback: Object<string, number>}}
 * @throws {RuleError} `choice` for a line that is no sale, `unknown_line` for a key that is not among the lines,
 *     `type`, `range` (a negative quantity or base), `overflow`
 */
export function keptPoints(ruleset, lines, returned_micro, base_minor, situation = NOWHERE) {
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
    const returned = lines.map(({ key }) => (Object.hasOwn(returned_micro, key) ? returned_micro[key] : 0));
    const kept = lines.map((line, at) => keptAmount(amounts[at], line.quantity_micro, returned[at]));
    const sold_sum = add(amounts);
    // Giving a discount line back would leave more than was sold; whether that was paid is another order's matter.
    const kept_sum = Math.min(add(kept), sold_sum);
    const kept_base = kept_sum > 0 ? mulDivFloor(base_minor, kept_sum, sold_sum) : 0;
    const sold = {
        lines,
        amounts: kept,
        pieces_micro: lines.map((line, at) => (amounts[at] > 0 ? Math.max(0, line.quantity_micro - returned[at]) : 0)),
        base_minor: kept_base,
        sold_amounts: amounts,
        sold_base_minor: base_minor,
    };
    const earned = earn(ruleset, sold, situation);
    const [rolling_bps, rolling_minor] = lines.length ? rollingLeft(ruleset, sold, situation) : [null, null];
    return {
        points: add(Object.values(earned.points)),
        base_minor: kept_base,
        line_points: earned.line_points,
        cashback_minor: add(Object.values(earned.cashback)),
        line_cashback: earned.line_cashback,
        rolling_bps,
        rolling_minor,
        benefit_points: earned.points,
        benefit_cashback: earned.cashback,
    };
}
