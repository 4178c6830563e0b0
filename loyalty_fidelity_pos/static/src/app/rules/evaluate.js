/** What a basket earns; the mirror of `loyalty_fidelity/rules/evaluate.py`. */

import { add, largestRemainder, mulDivFloor } from "./arithmetic.js";
import { earningBase, lineAmount, split } from "./basket.js";
import { MAX_BPS } from "./benefit.js";
import { earning, ofKind } from "./ruleset.js";

/**
 * Give the points for an amount: the benefits of the ruleset add up.
 *
 * @param {Object} ruleset
 * @param {number} base_minor what was actually paid, in minor units; compared with each minimum receipt
 * @returns {number} whole points, zero or more
 * @throws {RuleError} `overflow`
 */
export function pointsFor(ruleset, base_minor) {
    return add(
        ofKind(ruleset, "points")
            .filter((benefit) => base_minor > 0 && base_minor >= benefit.minimum_receipt_minor)
            .map((benefit) => mulDivFloor(mulDivFloor(base_minor, 1, benefit.step_minor), benefit.points, 1))
    );
}

/**
 * Give the money for an amount: the percentages of the ruleset, each rounded down, add up.
 *
 * @param {Object} ruleset
 * @param {number} base_minor what was actually paid, in minor units; compared with each minimum receipt
 * @returns {number} minor units, zero or more
 * @throws {RuleError} `overflow`
 */
export function cashbackFor(ruleset, base_minor) {
    return add(
        ofKind(ruleset, "cashback")
            .filter((benefit) => base_minor > 0 && base_minor >= benefit.minimum_receipt_minor)
            .map((benefit) => mulDivFloor(base_minor, benefit.percent_bps, MAX_BPS))
    );
}

/**
 * Give the percentage that an amount leaves to the next purchase: that of the highest bracket reached.
 *
 * @param {Object} ruleset
 * @param {number} base_minor what was actually paid, in minor units
 * @returns {number|null} hundredths of a percent, zero below the first bracket; null without a rolling benefit
 */
export function rollingFor(ruleset, base_minor) {
    for (const benefit of ofKind(ruleset, "rolling")) {
        const reached = benefit.brackets.filter((bracket) => base_minor >= bracket.from_minor);
        return reached.length && base_minor > 0 ? reached[reached.length - 1].percent_bps : 0;
    }
    return null;
}

/**
 * Share points or money out over lines in proportion to their amounts; an amount below zero gets nothing.
 *
 * @param {number} total zero or more
 * @param {Line[]} lines
 * @param {number[]} amounts minor units, one per line
 * @returns {Object<string, number>} the share per line key, adding up to `total`
 * @throws {RuleError} `no_weights` when there is something to share and no amount is above zero
 */
export function shareOut(total, lines, amounts) {
    const shares = largestRemainder(
        total,
        amounts.map((amount) => Math.max(0, amount))
    );
    return Object.fromEntries(lines.map((line, at) => [line.key, shares[at]]));
}

function threshold(benefit) {
    // The minimum receipt of a rolling discount is for using it.
    return benefit.kind === "rolling" ? benefit.brackets[0].from_minor : benefit.minimum_receipt_minor;
}

function outcomeCode(ruleset, basket, base_minor, earned) {
    if (!basket.lines.length) {
        return "empty";
    }
    if (!earning(ruleset).length) {
        return "no_benefit";
    }
    if (base_minor <= 0) {
        return "not_positive";
    }
    if (earned) {
        return "earned";
    }
    const above = earning(ruleset).some((benefit) => base_minor >= threshold(benefit));
    return above ? "below_step" : "below_minimum";
}

function unlinkedAmount(ruleset, lines) {
    if (ruleset.unlinked_return === "leave") {
        return 0;
    }
    return add(lines.map((line) => -lineAmount(ruleset, line)));
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
    };
}

/**
 * Compute what a basket earns under a ruleset.
 *
 * @param {Object} ruleset from `parse`
 * @param {Basket} basket
 * @returns {{code: string, points: number, base_minor: number, line_points: Object<string, number>,
 *     unlinked_points: number, cashback_minor: number, line_cashback: Object<string, number>,
 *     unlinked_cashback: number, rolling_bps: number|null}} `code` is `earned`, `currency`, `empty`, `no_benefit`,
 *     `not_positive`, `below_minimum` or `below_step`; `line_points` and `line_cashback` have every sale line; what is
 *     unlinked is zero or negative; `rolling_bps` is null without such a benefit, in another currency, or when nothing
 *     is sold
 * @throws {RuleError} `overflow`
 */
export function evaluate(ruleset, basket) {
    const parts = split(basket);
    if (basket.currency !== ruleset.currency) {
        return otherCurrency(parts.sale);
    }
    const { base_minor } = earningBase(ruleset, basket);
    const points = pointsFor(ruleset, base_minor);
    const cashback_minor = cashbackFor(ruleset, base_minor);
    const rolling_bps = parts.sale.length ? rollingFor(ruleset, base_minor) : null;
    const amounts = parts.sale.map((line) => lineAmount(ruleset, line));
    const takenBack = unlinkedAmount(ruleset, parts.return_unlinked);
    return {
        code: outcomeCode(ruleset, basket, base_minor, Boolean(points || cashback_minor || rolling_bps)),
        points,
        base_minor,
        line_points: shareOut(points, parts.sale, amounts),
        // Subtracting from zero, for a minus sign would make -0.
        unlinked_points: 0 - pointsFor(ruleset, takenBack),
        cashback_minor,
        line_cashback: shareOut(cashback_minor, parts.sale, amounts),
        unlinked_cashback: 0 - cashbackFor(ruleset, takenBack),
        rolling_bps,
    };
}
