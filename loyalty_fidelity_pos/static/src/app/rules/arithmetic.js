/**
 * Integer arithmetic that Python and JavaScript do alike; the mirror of `loyalty_fidelity/rules/arithmetic.py`.
 *
 * Numbers go in and come out, safe integers and never -0; in between, BigInt keeps products exact.
 */

import { RuleError } from "./errors.js";

export const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/**
 * Check that a value is an integer within bounds.
 *
 * @param {*} value
 * @param {string} field the name that an error mentions
 * @param {number} [low] smallest value allowed
 * @param {number} [high] largest value allowed
 * @returns {number}
 * @throws {RuleError} `type` for anything but an integer, `range` outside the bounds
 */
export function whole(value, field, low = -MAX_SAFE, high = MAX_SAFE) {
    if (!Number.isInteger(value)) {
        throw new RuleError("type", { field });
    }
    if (value < low || value > high) {
        throw new RuleError("range", { field, low, high });
    }
    // Adding zero turns -0 into 0.
    return value + 0;
}

function big(value, field, low, high) {
    return BigInt(whole(value, field, low, high));
}

function safe(value) {
    if (value < -BigInt(MAX_SAFE) || value > BigInt(MAX_SAFE)) {
        throw new RuleError("overflow");
    }
    return Number(value);
}

/**
 * Add integers up; only the sum has to be safe, not what lies on the way.
 *
 * @param {number[]} values
 * @returns {number}
 * @throws {RuleError} `type` or `range` for a bad addend, `overflow` for the sum
 */
export function add(values) {
    return safe(values.reduce((sum, value) => sum + big(value, "value"), 0n));
}

function productAndDivisor(a, b, c) {
    const product = big(a, "a") * big(b, "b");
    const divisor = big(c, "c");
    if (divisor <= 0n) {
        throw new RuleError("division", { c });
    }
    return [product, divisor];
}

/**
 * Compute a × b ÷ c, rounded down, towards minus infinity.
 *
 * @param {number} a
 * @param {number} b
 * @param {number} c greater than zero
 * @returns {number}
 * @throws {RuleError} `division` when c is not above zero; `type`, `range`; `overflow` for the result
 */
export function mulDivFloor(a, b, c) {
    const [product, divisor] = productAndDivisor(a, b, c);
    const quotient = product / divisor;
    return safe(product % divisor < 0n ? quotient - 1n : quotient);
}

/**
 * Compute a × b ÷ c, rounded to the nearest integer, a half away from zero.
 *
 * @param {number} a
 * @param {number} b
 * @param {number} c greater than zero
 * @returns {number}
 * @throws {RuleError} `division` when c is not above zero; `type`, `range`; `overflow` for the result
 */
export function mulDivHalfUp(a, b, c) {
    const [product, divisor] = productAndDivisor(a, b, c);
    const size = (2n * (product < 0n ? -product : product) + divisor) / (2n * divisor);
    return safe(product < 0n ? -size : size);
}

/**
 * Split a total in proportion to weights, without losing or gaining a unit.
 *
 * @param {number} total of either sign
 * @param {number[]} weights zero or more each; a weight of zero gets nothing
 * @returns {number[]} one part per weight, in the same order; ties go to the earlier position
 * @throws {RuleError} `no_weights` when there is something to split and every weight is zero; `type`, `range`
 */
export function largestRemainder(total, weights) {
    const signed = big(total, "total");
    const size = signed < 0n ? -signed : signed;
    const bigWeights = weights.map((weight) => big(weight, "weight", 0));
    const wholeWeight = bigWeights.reduce((sum, weight) => sum + weight, 0n);
    if (!size) {
        return weights.map(() => 0);
    }
    if (!wholeWeight) {
        throw new RuleError("no_weights", { total });
    }
    const parts = bigWeights.map((weight) => (size * weight) / wholeWeight);
    const remainders = bigWeights.map((weight) => (size * weight) % wholeWeight);
    const left = Number(size - parts.reduce((sum, part) => sum + part, 0n));
    const order = parts.map((_part, at) => at);
    order.sort((one, other) => {
        const difference = remainders[other] - remainders[one];
        return difference ? (difference < 0n ? -1 : 1) : one - other;
    });
    for (const at of order.slice(0, left)) {
        parts[at] += 1n;
    }
    return parts.map((part) => Number(signed < 0n ? -part : part));
}
