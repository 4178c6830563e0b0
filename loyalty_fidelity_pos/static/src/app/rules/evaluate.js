/** What a basket earns; the mirror of `loyalty_fidelity/rules/evaluate.py`. */

import { add, largestRemainder, mulDivFloor } from "./arithmetic.js";
import { earningBase, lineAmount, split } from "./basket.js";

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
        ruleset.benefits
            .filter((benefit) => base_minor > 0 && base_minor >= benefit.minimum_receipt_minor)
            .map((benefit) => mulDivFloor(mulDivFloor(base_minor, 1, benefit.step_minor), benefit.points, 1))
    );
}

/**
 * Share points out over lines in proportion to their amounts; an amount below zero gets nothing.
 *
 * @param {number} points zero or more
 * @param {Line[]} lines
 * @param {number[]} amounts minor units, one per line
 * @returns {Object<string, number>} points per line key, adding up to `points`
 * @throws {RuleError} `no_weights` when there are points and no amount is above zero
 */
export function sharePoints(points, lines, amounts) {
    const shares = largestRemainder(
        points,
        amounts.map((amount) => Math.max(0, amount))
    );
    return Object.fromEntries(lines.map((line, at) => [line.key, shares[at]]));
}

function outcomeCode(ruleset, basket, base_minor, points) {
    if (!basket.lines.length) {
        return "empty";
    }
    if (!ruleset.benefits.length) {
        return "no_benefit";
    }
    if (base_minor <= 0) {
        return "not_positive";
    }
    if (points) {
        return "earned";
    }
    const above = ruleset.benefits.some((benefit) => base_minor >= benefit.minimum_receipt_minor);
    return above ? "below_step" : "below_minimum";
}

function unlinkedPoints(ruleset, lines) {
    if (ruleset.unlinked_return === "leave") {
        return 0;
    }
    const value = add(lines.map((line) => -lineAmount(ruleset, line)));
    // Subtracting from zero, for a minus sign would make -0.
    return 0 - pointsFor(ruleset, value);
}

/**
 * Compute what a basket earns under a ruleset.
 *
 * @param {Object} ruleset from `parse`
 * @param {Basket} basket
 * @returns {{code: string, points: number, base_minor: number, line_points: Object<string, number>,
 *     unlinked_points: number}} `code` is `earned`, `currency`, `empty`, `no_benefit`, `not_positive`,
 *     `below_minimum` or `below_step`; `line_points` has every sale line; `unlinked_points` is zero or negative
 * @throws {RuleError} `overflow`
 */
export function evaluate(ruleset, basket) {
    const parts = split(basket);
    if (basket.currency !== ruleset.currency) {
        const line_points = Object.fromEntries(parts.sale.map((line) => [line.key, 0]));
        return { code: "currency", points: 0, base_minor: 0, line_points, unlinked_points: 0 };
    }
    const { base_minor } = earningBase(ruleset, basket);
    const points = pointsFor(ruleset, base_minor);
    const amounts = parts.sale.map((line) => lineAmount(ruleset, line));
    return {
        code: outcomeCode(ruleset, basket, base_minor, points),
        points,
        base_minor,
        line_points: sharePoints(points, parts.sale, amounts),
        unlinked_points: unlinkedPoints(ruleset, parts.return_unlinked),
    };
}
