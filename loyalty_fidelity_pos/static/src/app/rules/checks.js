/** Checks of a payload's fields; the mirror of `loyalty_fidelity/rules/checks.py`. */

import { RuleError } from "./errors.js";

export const MAX_TEXT = 64;

/**
 * Check that a value is a text of 1 to `MAX_TEXT` characters.
 *
 * @param {*} value
 * @param {string} field the name that an error mentions
 * @returns {string}
 * @throws {RuleError} `type`, `range`
 */
export function text(value, field) {
    if (typeof value !== "string") {
        throw new RuleError("type", { field });
    }
    const length = Array.from(value).length;
    if (length < 1 || length > MAX_TEXT) {
        throw new RuleError("range", { field });
    }
    return value;
}

/**
 * Check that a value is one of some texts.
 *
 * @param {*} value
 * @param {string} field the name that an error mentions
 * @param {string[]} choices
 * @returns {string}
 * @throws {RuleError} `type` for anything but a text, `choice` for another text
 */
export function choice(value, field, choices) {
    if (typeof value !== "string") {
        throw new RuleError("type", { field });
    }
    if (!choices.includes(value)) {
        throw new RuleError("choice", { field });
    }
    return value;
}

/**
 * Check that a value is a list.
 *
 * @param {*} value
 * @param {string} field the name that an error mentions
 * @returns {Array}
 * @throws {RuleError} `type`
 */
export function items(value, field) {
    if (!Array.isArray(value)) {
        throw new RuleError("type", { field });
    }
    return value;
}

/**
 * Check that a value is an object with exactly some fields.
 *
 * @param {*} value
 * @param {string} field the name that an error mentions
 * @param {string[]} names the fields, each required
 * @returns {Object}
 * @throws {RuleError} `type` for anything but an object, `missing`, `unknown_field`
 */
export function record(value, field, names) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new RuleError("type", { field });
    }
    for (const name of names) {
        if (!Object.hasOwn(value, name)) {
            throw new RuleError("missing", { field: name });
        }
    }
    for (const name of Object.keys(value)) {
        if (!names.includes(name)) {
            throw new RuleError("unknown_field", { field: name });
        }
    }
    return value;
}
