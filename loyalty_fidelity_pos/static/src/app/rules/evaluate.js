/** What a basket earns; the mirror of `loyalty_fidelity/rules/evaluate.py`. */

import { add } from "./arithmetic.js";
import { Line, earningBase, lineAmount, split } from "./basket.js";
import { bracketPercent, cashbackOf, chosen, earn, pointsOf, rollingLeft, shareOut, takenBack } from "./earning.js";
import { earning, ofKind } from "./ruleset.js";
import { NOWHERE, unmet } from "./situation.js";

export { shareOut };

/** An amount on which everything in a ruleset looks, without pieces. */
function allOf(ruleset, base_minor) {
    const selectors = ruleset.benefits.map(({ selector }) => selector).filter((selector) => selector !== null);
    const fields = { key: "all", kind: "sale", quantity_micro: 0, selectors };
    const line = new Line({ ...fields, total_minor: base_minor, untaxed_minor: base_minor });
    return { lines: [line], amounts: [base_minor], pieces_micro: [0], base_minor };
}

/**
 * Give the points for an amount on which every benefit looks: the benefits of the ruleset add up.
 *
 * @param {Object} ruleset
 * @param {number} base_minor what was actually paid, in minor units; compared with each minimum receipt
 * @param {Situation} [situation]
 * @returns {number} whole points, zero or more
 * @throws {RuleError} `overflow`
 */
export function pointsFor(ruleset, base_minor, situation = NOWHERE) {
    const sold = allOf(ruleset, base_minor);
    return add(ofKind(ruleset, "points").map((benefit) => pointsOf(ruleset, benefit, sold, situation)[1]));
}

/**
 * Give the money for an amount on which every benefit looks: the percentages, each rounded down, add up.
 *
 * @param {Object} ruleset
 * @param {number} base_minor what was actually paid, in minor units; compared with each minimum receipt
 * @param {Situation} [situation]
 * @returns {number} minor units, zero or more
 * @throws {RuleError} `overflow`
 */
export function cashbackFor(ruleset, base_minor, situation = NOWHERE) {
    const sold = allOf(ruleset, base_minor);
    return add(ofKind(ruleset, "cashback").map((benefit) => cashbackOf(benefit, sold, situation)[1]));
}

/**
 * Give the percentage of the highest bracket that an amount reaches.
 *
 * @param {Object} ruleset
 * @param {number} base_minor what was actually paid, in minor units
 * @returns {number|null} hundredths of a percent, zero below the first bracket; null without a rolling benefit
 */
export function rollingFor(ruleset, base_minor) {
    const [benefit] = ofKind(ruleset, "rolling");
    return benefit ? bracketPercent(benefit, base_minor) : null;
}

function threshold(benefit) {
    // The minimum receipt of a rolling discount is for using it.
    return benefit.kind === "rolling" ? benefit.brackets[0].from_minor : benefit.minimum_receipt_minor;
}

function outcomeCode(ruleset, basket, sold, situation, earned) {
    if (!basket.lines.length) {
        return "empty";
    }
    const possible = earning(ruleset);
    if (!possible.length) {
        return "no_benefit";
    }
    if (sold.base_minor <= 0) {
        return "not_positive";
    }
    if (earned) {
        return "earned";
    }
    const looking = possible.filter(
        ({ selector, when }) => chosen(sold.lines, selector).length && !unmet(when, situation)
    );
    if (!looking.length) {
        return "no_benefit";
    }
    return looking.some((benefit) => sold.base_minor >= threshold(benefit)) ? "below_step" : "below_minimum";
}

/**
 * Give lines with what counts of them; a line without a positive amount, a gift or a discount, has no pieces.
 *
 * @param {Object} ruleset
 * @param {Line[]} lines
 * @param {number} base_minor what of their sum was paid
 * @param {number} [sign] −1 for goods that come back
 * @returns {Sold}
 */
export function soldLines(ruleset, lines, base_minor, sign = 1) {
    // Subtracting from zero, for a minus sign would make -0.
    const signed = (value) => (sign < 0 ? 0 - value : value);
    const amounts = lines.map((line) => signed(lineAmount(ruleset, line)));
    const pieces_micro = lines.map((line, at) => (amounts[at] > 0 ? Math.max(0, signed(line.quantity_micro)) : 0));
    return { lines, amounts, pieces_micro, base_minor };
}

function unlinked(ruleset, lines, situation) {
    if (ruleset.unlinked_return === "leave" || !lines.length) {
        return [0, 0];
    }
    const value = add(lines.map((line) => -lineAmount(ruleset, line)));
    return takenBack(ruleset, soldLines(ruleset, lines, value, -1), situation);
}

function otherCurrency(lines) {
    const nothing = () => Object.fromEntries(lines.map((line) => [line.key, 0]));
    return {
        code: "currency",
        points: 0,
        base_minor: 0,
        line_points: nothing(),
        unlinked_points: 0,
        cashback_minor: 0,
        line_cashback: nothing(),
        unlinked_cashback: 0,
        rolling_bps: null,
        rolling_minor: null,
        benefit_points: {},
        benefit_cashback: {},
    };
}

/**
 * Compute what a basket earns under a ruleset.
 *
 * @param {Object} ruleset from `parse`
 * @param {Basket} basket
 * @param {Situation} [situation]
 * @returns {{code: string, points: number, base_minor: number, line_points: Object<string, number>,
 *     unlinked_points: number, cashback_minor: number, line_cashback: Object<string, number>,
 *     unlinked_cashback: number, rolling_bps: number|null, rolling_minor: number|null,
 *     benefit_points: Object<string, number>, benefit_cashback: Object<string, number>}} `code` is `earned`, `currency`,
 *     `empty`, `no_benefit`, `not_positive`, `below_minimum` or `below_step`; `line_points` and `line_cashback` have every
 *     sale line; what is unlinked is zero or negative; `rolling_bps`, or `rolling_minor` where it is an amount, is null
 *     without such a benefit, in another currency, when nothing is sold, or when an earlier one stands;
 *     `benefit_points` and `benefit_cashback` are by benefit, above zero
 * @throws {RuleError} `overflow`
 */
export function evaluate(ruleset, basket, situation = NOWHERE) {
    const parts = split(basket);
    if (basket.currency !== ruleset.currency) {
        return otherCurrency(parts.sale);
    }
    const sold = soldLines(ruleset, parts.sale, earningBase(ruleset, basket).base_minor);
    const earned = earn(ruleset, sold, situation);
    const points = add(Object.values(earned.points));
    const cashback_minor = add(Object.values(earned.cashback));
    const [rolling_bps, rolling_minor] = parts.sale.length ? rollingLeft(ruleset, sold, situation) : [null, null];
    const [unlinkedPoints, unlinkedCashback] = unlinked(ruleset, parts.return_unlinked, situation);
    const given = Boolean(points || cashback_minor || rolling_bps || rolling_minor);
    return {
        code: outcomeCode(ruleset, basket, sold, situation, given),
        points,
        base_minor: sold.base_minor,
        line_points: earned.line_points,
        // Subtracting from zero, for a minus sign would make -0.
        unlinked_points: 0 - unlinkedPoints,
        cashback_minor,
        line_cashback: earned.line_cashback,
        unlinked_cashback: 0 - unlinkedCashback,
        rolling_bps,
        rolling_minor,
        benefit_points: earned.points,
        benefit_cashback: earned.cashback,
    };
}
