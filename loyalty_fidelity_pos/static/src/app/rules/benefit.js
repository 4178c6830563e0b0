/** Benefits: what a card type gives, one kind each; the mirror of `loyalty_fidelity/rules/benefit.py`. */

import { whole } from "./arithmetic.js";
import { choice, items, record, text } from "./checks.js";
import { RuleError } from "./errors.js";
import { MAX_BPS, parseWhen } from "./situation.js";

export const EARNING = ["points", "cashback", "rolling"];
export const PRICING = ["discount", "rolling", "amount_off"];
export const ON_DISCOUNTED = ["stack", "best", "skip"];
export const POINTS_MODES = ["step", "proportional", "visit", "unit"];
export const ROLLING_MODES = ["percent", "amount"];
export const ROLLING_USES = ["next", "qualifying"];
export const MAX_DAYS = 3660;
export const MAX_POINTS = 1000000;
export const MIN_FACTOR_BPS = 10001;
export const MAX_FACTOR_BPS = 1000000;

const BRACKET_FIELDS = ["from_minor", "percent_bps"];
const EARLY_FIELDS = {
    points: ["points", "step_minor", "minimum_receipt_minor"],
    cashback: ["percent_bps", "minimum_receipt_minor"],
    discount: ["percent_bps", "on_discounted", "minimum_receipt_minor"],
    amount_off: ["amount_minor", "minimum_receipt_minor"],
    rolling: ["brackets", "valid_days", "on_discounted", "minimum_receipt_minor"],
};
// What schema 3 brought, with what earlier schemas meant.
const CAPS = { cap_receipt: 0, cap_day: 0, cap_month: 0 };
const COMMON = { selector: null, when: null };
const LATER_FIELDS = {
    points: { mode: "step", minimum_lines_minor: 0, ...CAPS, ...COMMON },
    cashback: { minimum_lines_minor: 0, ...CAPS, ...COMMON },
    discount: {
        own: false,
        cap_line_minor: 0,
        cap_receipt_minor: 0,
        cap_day_minor: 0,
        cap_month_minor: 0,
        ...COMMON,
    },
    amount_off: { ...COMMON },
    rolling: { mode: "percent", use: "next", keep_cost: false, ...COMMON },
    multiplier: { factor_bps: 0, ...COMMON },
};
const ALL_FIELDS = Object.fromEntries(
    Object.entries(LATER_FIELDS).map(([kind, later]) => [kind, [...(EARLY_FIELDS[kind] ?? []), ...Object.keys(later)]])
);
/** What each schema knows, by kind; an earlier one is never taken away, for receipts name their ruleset. */
export const FIELDS = { 1: { points: EARLY_FIELDS.points }, 2: EARLY_FIELDS, 3: ALL_FIELDS };
export const SCHEMAS = Object.keys(FIELDS).map(Number);

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

function flag(value, field) {
    if (typeof value !== "boolean") {
        throw new RuleError("type", { field });
    }
    return value;
}

const MODES = { points: POINTS_MODES, rolling: ROLLING_MODES };
/** How each field of a benefit is checked; what is not named is a minimum or a limit: zero or more. */
const FIELD_PARSERS = {
    points: (value, field) => whole(value, field, 1, MAX_POINTS),
    factor_bps: (value, field) => whole(value, field, MIN_FACTOR_BPS, MAX_FACTOR_BPS),
    percent_bps: (value, field) => whole(value, field, 0, MAX_BPS),
    amount_minor: (value, field) => whole(value, field, 1),
    brackets: parseBrackets,
    valid_days: (value, field) => whole(value, field, 1, MAX_DAYS),
    on_discounted: (value, field) => choice(value, field, ON_DISCOUNTED),
    mode: (value, field, kind) => choice(value, field, MODES[kind]),
    use: (value, field) => choice(value, field, ROLLING_USES),
    own: flag,
    keep_cost: flag,
    selector: (value, field) => (value === null ? null : text(value, field)),
    when: (value) => parseWhen(value),
};

/** Check what fields of one benefit say together. */
function checkTogether(benefit) {
    const { kind } = benefit;
    if (kind === "points") {
        const steps = benefit.mode === "step" || benefit.mode === "proportional";
        whole(benefit.step_minor, "step_minor", steps ? 1 : 0, steps ? undefined : 0);
    } else if (kind === "cashback" || (kind === "discount" && !benefit.own)) {
        whole(benefit.percent_bps, "percent_bps", 1, MAX_BPS);
    } else if (kind === "rolling" && benefit.mode === "amount" && benefit.on_discounted !== "stack") {
        throw new RuleError("choice", { field: "on_discounted" });
    }
}

function parseBenefit(value, known) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new RuleError("type", { field: "benefits" });
    }
    if (!Object.hasOwn(value, "kind")) {
        throw new RuleError("missing", { field: "kind" });
    }
    const { kind } = value;
    if (typeof kind !== "string" || !Object.hasOwn(known, kind)) {
        throw new RuleError("benefit_kind", { kind });
    }
    const names = known[kind];
    const fields = record(value, "benefits", ["kind", "key", ...names]);
    const benefit = { kind, key: text(fields.key, "key"), ...LATER_FIELDS[kind] };
    for (const name of names) {
        const parser = Object.hasOwn(FIELD_PARSERS, name) ? FIELD_PARSERS[name] : (given) => whole(given, name, 0);
        benefit[name] = parser(fields[name], name, kind);
    }
    checkTogether(benefit);
    return Object.freeze(benefit);
}

/**
 * Check the benefits of a payload and turn each into a frozen object with its kind and fields, in their order.
 *
 * @param {*} values
 * @param {number} schema of the payload; 1 knows points only, 2 no conditions, selectors and limits
 * @returns {Object[]} with all fields of schema 3, whatever the schema
 * @throws {RuleError} `schema` (one it does not know), `missing`, `unknown_field`, `type`, `range`, `choice`,
 *     `benefit_kind` (a kind that this schema does not know), `duplicate` (two benefits with one key, or two rolling
 *     discounts), `order` (brackets or lists that do not rise)
 */
export function parseBenefits(values, schema) {
    if (!SCHEMAS.includes(schema)) {
        throw new RuleError("schema", { schema });
    }
    const benefits = items(values, "benefits").map((value) => parseBenefit(value, FIELDS[schema]));
    if (new Set(benefits.map((benefit) => benefit.key)).size !== benefits.length) {
        throw new RuleError("duplicate", { field: "benefits" });
    }
    // A receipt leaves one value; two such benefits would have to share it.
    if (benefits.filter((benefit) => benefit.kind === "rolling").length > 1) {
        throw new RuleError("duplicate", { field: "rolling" });
    }
    return Object.freeze(benefits);
}
