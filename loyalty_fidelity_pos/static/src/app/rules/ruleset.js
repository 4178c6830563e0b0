/**
 * Rulesets: the compiled, immutable configuration of a card type; the mirror of `loyalty_fidelity/rules/ruleset.py`,
 * whose `fingerprint` stays in Python.
 */

import { whole } from "./arithmetic.js";
import { EARNING, PRICING, SCHEMAS, parseBenefits } from "./benefit.js";
import { isPrefix } from "./card_number.js";
import { choice, record, text } from "./checks.js";
import { RuleError } from "./errors.js";
import { parseSelectors } from "./selector.js";

export const SCHEMA = SCHEMAS[SCHEMAS.length - 1];
export const BASES = ["total", "untaxed"];
export const UNLINKED_RETURNS = ["take_back", "leave"];
export const STACKINGS = ["stack", "best", "exclusive"];
export const MAX_DECIMALS = 6;

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
// What schema 3 brought.
const LATER = ["stacking", "selectors"];

/**
 * Give the benefits of some kinds, in the order of the ruleset.
 *
 * @param {Object} ruleset
 * @param {...string} kinds
 * @returns {Object[]}
 */
export function ofKind(ruleset, ...kinds) {
    return ruleset.benefits.filter((benefit) => kinds.includes(benefit.kind));
}

/**
 * Give the benefits that earn something: points, money, or a percentage off the next purchase.
 *
 * @param {Object} ruleset
 * @returns {Object[]}
 */
export function earning(ruleset) {
    return ofKind(ruleset, ...EARNING);
}

/**
 * Give the benefits that change the price; a rolling discount both earns and changes the price.
 *
 * @param {Object} ruleset
 * @returns {Object[]}
 */
export function pricing(ruleset) {
    return ofKind(ruleset, ...PRICING);
}

function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function prefixText(value, field) {
    if (!isPrefix(text(value, field))) {
        throw new RuleError("range", { field });
    }
    return value;
}

/**
 * Check a payload and turn it into a frozen ruleset with the payload's fields.
 *
 * @param {Object} payload decoded from JSON
 * @returns {Object}
 * @throws {RuleError} `schema` (one it does not know), `missing`, `unknown_field`, `type`, `range`, `choice`,
 *     `benefit_kind` (a kind of benefit that this schema does not know), `duplicate` (two benefits with one key, or two
 *     rolling discounts), `order` (brackets that do not rise)
 */
export function parse(payload) {
    if (!isObject(payload)) {
        throw new RuleError("type", { field: "payload" });
    }
    if (!Object.hasOwn(payload, "schema")) {
        throw new RuleError("missing", { field: "schema" });
    }
    // The version comes first: the fields of another version mean something else.
    const schema = whole(payload.schema, "schema");
    if (!SCHEMAS.includes(schema)) {
        throw new RuleError("schema", { schema });
    }
    record(payload, "payload", schema > 2 ? [...FIELDS, ...LATER] : FIELDS);
    if (typeof payload.customer_account_earns !== "boolean") {
        throw new RuleError("type", { field: "customer_account_earns" });
    }
    const benefits = parseBenefits(payload.benefits, schema);
    const selectors = parseSelectors(schema > 2 ? payload.selectors : {});
    if (benefits.some(({ selector }) => selector !== null && !Object.hasOwn(selectors, selector))) {
        throw new RuleError("choice", { field: "selector" });
    }
    return Object.freeze({
        schema,
        card_type: text(payload.card_type, "card_type"),
        currency: text(payload.currency, "currency"),
        currency_decimals: whole(payload.currency_decimals, "currency_decimals", 0, MAX_DECIMALS),
        number_prefix: prefixText(payload.number_prefix, "number_prefix"),
        base: choice(payload.base, "base", BASES),
        customer_account_earns: payload.customer_account_earns,
        unlinked_return: choice(payload.unlinked_return, "unlinked_return", UNLINKED_RETURNS),
        benefits,
        stacking: choice(schema > 2 ? payload.stacking : "stack", "stacking", STACKINGS),
        selectors,
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
