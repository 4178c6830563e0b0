/** Benefits: what a card type gives, one kind each; the mirror of `loyalty_fidelity/rules/benefit.py`. */

import { whole } from "./arithmetic.js";
import { choice, items, record, text } from "./checks.js";
import { RuleError } from "./errors.js";

export const EARNING = ["points", "cashback", "rolling"];
export const PRICING = ["discount", "rolling", "amount_off"];
export const ON_DISCOUNTED = ["stack", "best", "skip"];
export const MAX_BPS = 10000;
export const MAX_DAYS = 3660;
export const MAX_POINTS = 1000000;

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
    [2, Object.keys(BENEFIT_FIELDS)],
]);
export const SCHEMAS = [...KINDS_BY_SCHEMA.keys()];

function parseBracket(value) {
    const fields = record(value, "brackets", BRACKET_FIELDS);
    return Object.freeze({
        from_minor: whole(fields.from_minor, "from_minor", 0),
        percent_bps: whole(fields.percent_bps, "percent_bps", 1, MAX_BPS),
    });
}

function parseBrackets(value) {
    const brackets = items(value, "brackets").map(parseBracket);
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
    on_discounted: (value) => choice(value, "on_discounted", ON_DISCOUNTED),
    minimum_receipt_minor: (value) => whole(value, "minimum_receipt_minor", 0),
};

function parseBenefit(value, kinds) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new RuleError("type", { field: "benefits" });
    }
    if (!Object.hasOwn(value, "kind")) {
        throw new RuleError("missing", { field: "kind" });
    }
    const { kind } = value;
    if (!kinds.includes(kind)) {
        throw new RuleError("benefit_kind", { kind });
    }
    const names = BENEFIT_FIELDS[kind];
    const fields = record(value, "benefits", ["kind", "key", ...names]);
    const benefit = { kind, key: text(fields.key, "key") };
    for (const name of names) {
        benefit[name] = FIELD_PARSERS[name](fields[name]);
    }
    return Object.freeze(benefit);
}

/**
 * Check the benefits of a payload and turn each into a frozen object with its kind and fields, in their order.
 *
 * @param {*} values
 * @param {number} schema of the payload; 1 knows points only
 * @returns {Object[]}
 * @throws {RuleError} `schema` (one it does not know), `missing`, `unknown_field`, `type`, `range`, `choice`,
 *     `benefit_kind` (a kind that this schema does not know), `duplicate` (two benefits with one key, or two rolling
 *     discounts), `order` (brackets that do not rise)
 */
export function parseBenefits(values, schema) {
    if (!SCHEMAS.includes(schema)) {
        throw new RuleError("schema", { schema });
    }
    const kinds = KINDS_BY_SCHEMA.get(schema);
    const benefits = items(values, "benefits").map((value) => parseBenefit(value, kinds));
    if (new Set(benefits.map((benefit) => benefit.key)).size !== benefits.length) {
        throw new RuleError("duplicate", { field: "benefits" });
    }
    // A receipt leaves one percentage; two such benefits would have to share it.
    if (benefits.filter((benefit) => benefit.kind === "rolling").length > 1) {
        throw new RuleError("duplicate", { field: "rolling" });
    }
    return Object.freeze(benefits);
}
