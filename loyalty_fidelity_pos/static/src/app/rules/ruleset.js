/**
 * Rulesets: the compiled, immutable configuration of a card type; the mirror of `loyalty_fidelity/rules/ruleset.py`,
 * whose `fingerprint` stays in Python.
 */

import { whole } from "./arithmetic.js";
import { isPrefix } from "./card_number.js";
import { RuleError } from "./errors.js";

export const SCHEMA = 2;
export const BASES = ["total", "untaxed"];
export const UNLINKED_RETURNS = ["take_back", "leave"];
export const ON_DISCOUNTED = ["stack", "best", "skip"];
export const EARNING = ["points", "cashback", "rolling"];
export const PRICING = ["discount", "rolling", "amount_off"];
export const MAX_BPS = 10000;
export const MAX_DAYS = 3660;
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
const BRACKET_FIELDS = ["from_minor", "percent_bps"];
const BENEFIT_FIELDS = {
    points: ["points", "step_minor", "minimum_receipt_minor"],
    cashback: ["percent_bps", "minimum_receipt_minor"],
    discount: ["percent_bps", "on_discounted", "minimum_receipt_minor"],
    amount_off: ["amount_minor", "minimum_receipt_minor"],
    rolling: ["brackets", "valid_days", "on_discounted", "minimum_receipt_minor"],
};
// What each schema knows; an earlier one is never taken away, for receipts name their ruleset.
const KINDS_BY_SCHEMA = new Map([
    [1, ["points"]],
    [SCHEMA, Object.keys(BENEFIT_FIELDS)],
]);

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

function checkList(value, field) {
    if (!Array.isArray(value)) {
        throw new RuleError("type", { field });
    }
    return value;
}

function parseBracket(value) {
    const fields = checkObject(value, "brackets", BRACKET_FIELDS);
    return Object.freeze({
        from_minor: whole(fields.from_minor, "from_minor", 0),
        percent_bps: whole(fields.percent_bps, "percent_bps", 1, MAX_BPS),
    });
}

function parseBrackets(value) {
    const brackets = checkList(value, "brackets").map(parseBracket);
    if (!brackets.length) {
        throw new RuleError("range", { field: "brackets" });
    }
    brackets.slice(1).forEach((higher, at) => {
        const lower = brackets[at];
        if (higher.from_minor <= lower.from_minor || higher.percent_bps < lower.percent_bps) {
            throw new RuleError("order", { field: "brackets" });
        }
    });
    return Object.freeze(brackets);
}

/** How each field of a benefit is checked; they are checked in the order in which `BENEFIT_FIELDS` names them. */
const FIELD_PARSERS = {
    points: (value) => whole(value, "points", 1, MAX_POINTS),
    step_minor: (value) => whole(value, "step_minor", 1),
    percent_bps: (value) => whole(value, "percent_bps", 1, MAX_BPS),
    amount_minor: (value) => whole(value, "amount_minor", 1),
    brackets: parseBrackets,
    valid_days: (value) => whole(value, "valid_days", 1, MAX_DAYS),
    on_discounted: (value) => checkChoice(value, "on_discounted", ON_DISCOUNTED),
    minimum_receipt_minor: (value) => whole(value, "minimum_receipt_minor", 0),
};

function parseBenefit(value, schema) {
    if (!isObject(value)) {
        throw new RuleError("type", { field: "benefits" });
    }
    if (!Object.hasOwn(value, "kind")) {
        throw new RuleError("missing", { field: "kind" });
    }
    const { kind } = value;
    if (!KINDS_BY_SCHEMA.get(schema).includes(kind)) {
        throw new RuleError("benefit_kind", { kind });
    }
    const names = BENEFIT_FIELDS[kind];
    const fields = checkObject(value, "benefits", ["kind", "key", ...names]);
    const benefit = { kind, key: checkText(fields.key, "key") };
    for (const name of names) {
        benefit[name] = FIELD_PARSERS[name](fields[name]);
    }
    return Object.freeze(benefit);
}

function parseBenefits(values, schema) {
    const benefits = checkList(values, "benefits").map((value) => parseBenefit(value, schema));
    if (new Set(benefits.map((benefit) => benefit.key)).size !== benefits.length) {
        throw new RuleError("duplicate", { field: "benefits" });
    }
    // A receipt leaves one percentage; two such benefits would have to share it.
    if (benefits.filter((benefit) => benefit.kind === "rolling").length > 1) {
        throw new RuleError("duplicate", { field: "rolling" });
    }
    return Object.freeze(benefits);
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
    if (!KINDS_BY_SCHEMA.has(schema)) {
        throw new RuleError("schema", { schema });
    }
    checkObject(payload, "payload", FIELDS);
    if (typeof payload.customer_account_earns !== "boolean") {
        throw new RuleError("type", { field: "customer_account_earns" });
    }
    const benefits = parseBenefits(payload.benefits, schema);
    return Object.freeze({
        schema,
        card_type: checkText(payload.card_type, "card_type"),
        currency: checkText(payload.currency, "currency"),
        currency_decimals: whole(payload.currency_decimals, "currency_decimals", 0, MAX_DECIMALS),
        number_prefix: checkPrefixText(payload.number_prefix, "number_prefix"),
        base: checkChoice(payload.base, "base", BASES),
        customer_account_earns: payload.customer_account_earns,
        unlinked_return: checkChoice(payload.unlinked_return, "unlinked_return", UNLINKED_RETURNS),
        benefits,
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
