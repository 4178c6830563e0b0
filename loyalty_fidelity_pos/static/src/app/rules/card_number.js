/**
 * Card numbers: how one is made, and whether what a reader sent is one of ours; the mirror of
 * `loyalty_fidelity/rules/card_number.py`.
 */

import { whole } from "./arithmetic.js";
import { RuleError } from "./errors.js";

// Odoo: 041 cashier, 042 customer, 043 and 044 coupons, 20 and 22 discount, 21 weight, 23 price, 10 lot, 414 location.
export const RESERVED_PREFIXES = ["041", "042", "043", "044", "20", "21", "22", "23", "10", "414"];
export const NUMBER_LENGTH = 13;
export const MAX_LENGTH = 32;

const DIGITS = /^[0-9]+$/;
const PREFIX = /^[0-9]{2,8}$/;
const SEPARATORS = " \t\r\n.-\u00a0\u2010\u2011\u2012\u2013\u2014\u2212";
const FOREIGN = Object.freeze({ status: "foreign", number: "", prefix: "" });

/**
 * Compute the check digit of the digits before it, with weights 3, 1, 3, … from the right.
 *
 * @param {string} digits one digit or more, without the check digit
 * @returns {string}
 * @throws {RuleError} `malformed` when it is not made of digits
 */
export function checkDigit(digits) {
    if (typeof digits !== "string" || !DIGITS.test(digits)) {
        throw new RuleError("malformed");
    }
    let total = 0;
    for (let place = 1; place <= digits.length; place++) {
        total += Number(digits[digits.length - place]) * (place % 2 ? 3 : 1);
    }
    return String((10 - (total % 10)) % 10);
}

function hasRightCheckDigit(number) {
    return checkDigit(number.slice(0, -1)) === number.slice(-1);
}

/**
 * Tell whether something can be a number prefix: a text of 2 to 8 digits.
 *
 * @param {*} prefix
 * @returns {boolean}
 */
export function isPrefix(prefix) {
    return typeof prefix === "string" && PREFIX.test(prefix);
}

/**
 * Make the EAN-13 card number of a serial number.
 *
 * @param {string} prefix 2 to 8 digits
 * @param {number} serial zero or more, as many digits as the prefix leaves of 12
 * @returns {string}
 * @throws {RuleError} `prefix_malformed`; `serial_range` when the prefix leaves too few digits; `type`
 */
export function build(prefix, serial) {
    if (!isPrefix(prefix)) {
        throw new RuleError("prefix_malformed");
    }
    const width = NUMBER_LENGTH - 1 - prefix.length;
    const text = String(whole(serial, "serial"));
    if (serial < 0 || text.length > width) {
        throw new RuleError("serial_range", { serial, prefix });
    }
    const digits = prefix + text.padStart(width, "0");
    return digits + checkDigit(digits);
}

function isAround(character) {
    const code = character.charCodeAt(0);
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || SEPARATORS.includes(character);
}

/**
 * Take the digits out of what was read or typed: separators go, and control characters around the text.
 *
 * @param {*} raw
 * @returns {string} at most 32 digits; empty where anything else is left, or nothing
 */
export function digitsOf(raw) {
    if (typeof raw !== "string") {
        return "";
    }
    let start = 0;
    let end = raw.length;
    while (start < end && isAround(raw[start])) {
        start++;
    }
    while (end > start && isAround(raw[end - 1])) {
        end--;
    }
    const kept = Array.from(raw.slice(start, end)).filter((character) => !SEPARATORS.includes(character));
    const text = kept.join("");
    return text.length <= MAX_LENGTH && DIGITS.test(text) ? text : "";
}

/**
 * Bring what was read or typed to the form in which numbers are stored: separators and control characters go, and a
 * leading zero that the scanner dropped comes back.
 *
 * @param {string} raw
 * @returns {string} 1 to 32 digits; not necessarily a card's
 * @throws {RuleError} `malformed` when anything but digits is left, or nothing, or more than 32 digits
 */
export function normalise(raw) {
    const digits = digitsOf(raw);
    if (!digits) {
        throw new RuleError("malformed");
    }
    return digits.length === NUMBER_LENGTH - 1 && hasRightCheckDigit(digits) ? "0" + digits : digits;
}

/**
 * Tell whether a text is one of our card numbers. Never throws on any text.
 *
 * @param {string} raw any text
 * @param {string[]} prefixes the number prefixes of every card type; the longest that matches wins
 * @returns {{status: string, number: string, prefix: string}} `status` is `card`, `check_digit` (ours, but misread or
 *     mistyped) or `foreign` (leave it to others; `number` and `prefix` are empty)
 */
export function recognise(raw, prefixes) {
    const digits = digitsOf(raw);
    const number = digits.length === NUMBER_LENGTH - 1 ? "0" + digits : digits;
    if (number.length !== NUMBER_LENGTH) {
        return FOREIGN;
    }
    const matching = prefixes.filter((prefix) => isPrefix(prefix) && number.startsWith(prefix));
    if (!matching.length) {
        return FOREIGN;
    }
    const prefix = matching.reduce((best, other) => (other.length > best.length ? other : best));
    return Object.freeze({ status: hasRightCheckDigit(number) ? "card" : "check_digit", number, prefix });
}

/**
 * Hide a number so that it can be shown, printed or logged.
 *
 * @param {string} number
 * @returns {string} dots and the last four characters; only dots when the number has fewer than eight
 */
export function mask(number) {
    const characters = Array.from(number);
    return characters.length >= 8 ? `•••• ${characters.slice(-4).join("")}` : "••••";
}

function overlap(one, other) {
    return one.startsWith(other) || other.startsWith(one);
}

/**
 * Check that a card type may use a number prefix.
 *
 * @param {string} prefix
 * @param {string[]} others the prefixes of the other card types
 * @throws {RuleError} `prefix_malformed`, `prefix_reserved` or `prefix_taken`
 */
export function checkPrefix(prefix, others) {
    if (!isPrefix(prefix)) {
        throw new RuleError("prefix_malformed");
    }
    const forms = prefix.startsWith("0") ? [prefix, prefix.slice(1)] : [prefix];
    for (const other of RESERVED_PREFIXES) {
        if (forms.some((form) => overlap(form, other))) {
            throw new RuleError("prefix_reserved", { prefix, other });
        }
    }
    for (const other of others) {
        if (overlap(prefix, other)) {
            throw new RuleError("prefix_taken", { prefix, other });
        }
    }
}
