/**
 * Rulesets: the compiled, immutable configuration of a card type; the mirror of `loyalty_fidelity/rules/ruleset.py`,
 * whose `fingerprint` stays in Python.
 */

import { whole } from "./arithmetic.js";
import { isPrefix } from "./card_number.js";
import { RuleError } from "./errors.js";

export const SCHEMA = 1;
export const BASES = ["total", "untaxed"];
export const UNLINKED_RETURNS = ["take_back", "leave"];
export const MAX_DECIMALS = 6;
export const MAX_POINTS = 1000000;
export const MAX_TEXT = 64;

const FIELDS = [
    "schema",
    "card_type",
    "currency",
    "currency_decimals",
    "number_prefix",
    "base",
    "customer_account_earns",
    "unlinked_return",
    "benefits",
];
const BENEFIT_FIELDS = ["key", "points", "step_minor", "minimum_receipt_minor", "kind"];

function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkObject(value, field, names) {
    if (!isObject(value)) {
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

function checkText(value, field) {
    if (typeof value !== "string") {
        throw new RuleError("type", { field });
    }
    const length = Array.from(value).length;
    if (length < 1 || length > MAX_TEXT) {
        throw new RuleError("range", { field });
    }
    return value;
}

function checkPrefixText(value, field) {
    if (!isPrefix(checkText(value, field))) {
        throw new RuleError("range", { field });
    }
    return value;
}

function checkChoice(value, field, choices) {
    if (typeof value !== "string") {
        throw new RuleError("type", { field });
    }
    if (!choices.includes(value)) {
        throw new RuleError("choice", { field });
    }
    return value;
}

function parseBenefit(value) {
    if (isObject(value) && Object.hasOwn(value, "kind") && value.kind !== "points") {
        throw new RuleError("benefit_kind", { kind: value.kind });
    }
    const fields = checkObject(value, "benefits", BENEFIT_FIELDS);
    return Object.freeze({
        key: checkText(fields.key, "key"),
        points: whole(fields.points, "points", 1, MAX_POINTS),
        step_minor: whole(fields.step_minor, "step_minor", 1),
        minimum_receipt_minor: whole(fields.minimum_receipt_minor, "minimum_receipt_minor", 0),
    });
}

/**
 * Check a payload and turn it into a frozen ruleset with the payload's fields.
 *
 * @param {Object} payload decoded from JSON
 * @returns {Object}
 * @throws {RuleError} `schema` (another version), `missing`, `unknown_field`, `type`, `range`, `choice`,
 *     `benefit_kind` (a kind of benefit this kernel does not know), `duplicate` (two benefits with one key)
 */
export function parse(payload) {
    if (!isObject(payload)) {
        throw new RuleError("type", { field: "payload" });
    }
    if (!Object.hasOwn(payload, "schema")) {
        throw new RuleError("missing", { field: "schema" });
    }
    // The version comes first: the fields of another version mean something else.
    if (whole(payload.schema, "schema") !== SCHEMA) {
        throw new RuleError("schema", { schema: payload.schema });
    }
    checkObject(payload, "payload", FIELDS);
    if (typeof payload.customer_account_earns !== "boolean") {
        throw new RuleError("type", { field: "customer_account_earns" });
    }
    if (!Array.isArray(payload.benefits)) {
        throw new RuleError("type", { field: "benefits" });
    }
    const benefits = payload.benefits.map(parseBenefit);
    if (new Set(benefits.map((benefit) => benefit.key)).size !== benefits.length) {
        throw new RuleError("duplicate", { field: "benefits" });
    }
    return Object.freeze({
        schema: SCHEMA,
        card_type: checkText(payload.card_type, "card_type"),
        currency: checkText(payload.currency, "currency"),
        currency_decimals: whole(payload.currency_decimals, "currency_decimals", 0, MAX_DECIMALS),
        number_prefix: checkPrefixText(payload.number_prefix, "number_prefix"),
        base: checkChoice(payload.base, "base", BASES),
        customer_account_earns: payload.customer_account_earns,
        unlinked_return: checkChoice(payload.unlinked_return, "unlinked_return", UNLINKED_RETURNS),
        benefits: Object.freeze(benefits),
    });
}

function escapeBeyondAscii(text) {
    return text.replace(/[\u007f-\uffff]/g, (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"));
}

function isAscii(text) {
    return Array.from(text).every((character) => character.codePointAt(0) < 0x80);
}

/**
 * Write a payload as its one canonical text: JSON with sorted keys, without spaces, in ASCII.
 *
 * @param {*} payload objects, lists, texts, integers, booleans and null; the names of fields are ASCII
 * @returns {string}
 * @throws {RuleError} `type` for anything else, a fraction for instance; `range` for an unsafe integer
 */
export function canonical(payload) {
    if (Array.isArray(payload)) {
        return `[${payload.map(canonical).join(",")}]`;
    }
    if (isObject(payload)) {
        const names = Object.keys(payload);
        if (!names.every(isAscii)) {
            throw new RuleError("type", { field: "key" });
        }
        const members = names.sort().map((name) => `${canonical(name)}:${canonical(payload[name])}`);
        return `{${members.join(",")}}`;
    }
    if (typeof payload === "string") {
        return escapeBeyondAscii(JSON.stringify(payload));
    }
    if (payload === null || typeof payload === "boolean") {
        return String(payload);
    }
    return String(whole(payload, "value"));
}
