/**
 * Number schemes: whether what a reader sent is a number of one of several; the mirror of
 * `loyalty_fidelity/rules/number_scheme.py`. How numbers are made is the server's alone.
 */

import { whole } from "./arithmetic.js";
import { NUMBER_LENGTH, checkDigit, digitsOf, isPrefix, recognise as recogniseEan13 } from "./card_number.js";
import { RuleError } from "./errors.js";

export const MIN_LENGTH = 8;
export const MAX_LENGTH = 19;
export const CHECKS = ["ean", "luhn", "none"];

const KEYS = "check,length,prefix";

/**
 * Read a scheme: an object with `prefix`, `length` and `check`, or a prefix alone, which means EAN-13.
 *
 * @param {*} value
 * @returns {{prefix: string, length: number, check: string}}
 * @throws {RuleError} `type`, `prefix_malformed`, `length_range`, `check_unknown`; `length_short` when prefix and check
 *     digit leave no digit for the cards
 */
export function parseScheme(value) {
    const given = typeof value === "string" ? { prefix: value, length: NUMBER_LENGTH, check: "ean" } : value;
    if (!given || typeof given !== "object" || Object.keys(given).sort().join() !== KEYS) {
        throw new RuleError("type", { field: "scheme" });
    }
    const { prefix, length, check } = given;
    if (!isPrefix(prefix)) {
        throw new RuleError("prefix_malformed");
    }
    if (whole(length, "length") < MIN_LENGTH || length > MAX_LENGTH) {
        throw new RuleError("length_range", { length });
    }
    if (!CHECKS.includes(check)) {
        throw new RuleError("check_unknown");
    }
    if (length - prefix.length - (check === "none" ? 0 : 1) < 1) {
        throw new RuleError("length_short", { length, prefix });
    }
    return Object.freeze({ prefix, length, check });
}

/**
 * Compute the Luhn check digit of the digits before it: every second one from the right counts double.
 *
 * @param {string} digits
 * @returns {string}
 * @throws {RuleError} `malformed` when it is not made of digits
 */
export function luhnDigit(digits) {
    if (typeof digits !== "string" || !digits || digitsOf(digits) !== digits) {
        throw new RuleError("malformed");
    }
    let total = 0;
    for (let place = 1; place <= digits.length; place++) {
        const doubled = Number(digits[digits.length - place]) * (place % 2 ? 2 : 1);
        total += doubled > 9 ? doubled - 9 : doubled;
    }
    return String((10 - (total % 10)) % 10);
}

/**
 * Add the check digit of a scheme to the digits before it.
 *
 * @param {string} digits
 * @param {string} check of `CHECKS`
 * @returns {string}
 * @throws {RuleError} `malformed`; `check_unknown`
 */
export function complete(digits, check) {
    if (check === "ean") {
        return digits + checkDigit(digits);
    }
    if (check === "luhn") {
        return digits + luhnDigit(digits);
    }
    if (check === "none") {
        return digits;
    }
    throw new RuleError("check_unknown");
}

function isEan13(scheme) {
    return scheme.check === "ean" && scheme.length === NUMBER_LENGTH;
}

function readable(schemes) {
    const known = [];
    for (const value of schemes) {
        try {
            known.push(parseScheme(value));
        } catch (error) {
            if (!(error instanceof RuleError)) {
                throw error;
            }
        }
    }
    return known;
}

/**
 * Tell whether a text is a number of one of these schemes. Never throws on any text.
 *
 * @param {string} raw any text
 * @param {Array} schemes what `parseScheme` reads; malformed ones are ignored, the longest prefix wins
 * @returns {{status: string, number: string, prefix: string}} as `recognise` of `card_number.js`
 */
export function recognise(raw, schemes) {
    const known = readable(schemes);
    const ean13 = known.filter(isEan13).map((scheme) => scheme.prefix);
    let best = recogniseEan13(raw, ean13);
    const digits = digitsOf(raw);
    for (const scheme of known) {
        const lengthened = scheme.check === "ean" && scheme.length === NUMBER_LENGTH - 1 && digits.length === NUMBER_LENGTH;
        const number = lengthened && digits.startsWith("0") ? digits.slice(1) : digits;
        const fits = number.length === scheme.length && number.startsWith(scheme.prefix) && !isEan13(scheme);
        if (fits && scheme.prefix.length > best.prefix.length) {
            const right = scheme.check === "none" || complete(number.slice(0, -1), scheme.check) === number;
            best = Object.freeze({ status: right ? "card" : "check_digit", number, prefix: scheme.prefix });
        }
    }
    return best;
}
