/** Selectors: which products a benefit is for; the mirror of `loyalty_fidelity/rules/selector.py`. */

import { whole } from "./arithmetic.js";
import { items, record, text } from "./checks.js";
import { RuleError } from "./errors.js";
import { ids } from "./situation.js";

const TERMS = ["products", "categories", "tags", "values"];

export class Product {
    /**
     * @param {Object} fields
     * @param {number} fields.variant zero: none that is known
     * @param {number[]} [fields.categories] its own and all above it
     * @param {number[]} [fields.tags]
     * @param {number[]} [fields.values] the attribute values that make the variant
     * @throws {RuleError} `type`, `range`
     */
    constructor({ variant, categories = [], tags = [], values = [] }) {
        this.variant = whole(variant, "variant", 0);
        for (const [name, members] of Object.entries({ categories, tags, values })) {
            this[name] = Object.freeze(items(members, name).map((member) => whole(member, name, 1)));
        }
        Object.freeze(this);
    }
}

function parseTerms(value) {
    return Object.fromEntries(TERMS.map((name) => [name, ids(value[name], name)]));
}

function parseSelector(key, value) {
    record(value, "selectors", [...TERMS, "without"]);
    const without = Object.freeze(parseTerms(record(value.without, "without", TERMS)));
    // In ASCII, so that both languages sort them alike.
    if (/[^\u0000-\u007f]/.test(text(key, "selectors"))) {
        throw new RuleError("range", { field: "selectors" });
    }
    return Object.freeze({ ...parseTerms(value), without });
}

/**
 * Check the selectors of a payload.
 *
 * @param {*} values selectors by key
 * @returns {Object<string, Object>}
 * @throws {RuleError} `type`, `missing`, `unknown_field`, `range`; `order` for numbers that do not rise
 */
export function parseSelectors(values) {
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
        throw new RuleError("type", { field: "selectors" });
    }
    return Object.freeze(
        Object.fromEntries(Object.entries(values).map(([key, value]) => [key, parseSelector(key, value)]))
    );
}

function hit(terms, product) {
    return (
        terms.products.includes(product.variant) ||
        product.categories.some((member) => terms.categories.includes(member)) ||
        product.tags.some((member) => terms.tags.includes(member)) ||
        product.values.some((member) => terms.values.includes(member))
    );
}

/**
 * Say whether a selector chooses a product.
 *
 * @param {Object} selector
 * @param {Product} product
 * @returns {boolean}
 */
export function matches(selector, product) {
    const everything = TERMS.every((name) => !selector[name].length);
    return (everything || hit(selector, product)) && !hit(selector.without, product);
}

/**
 * Give the keys of the selectors of a ruleset that choose a product, sorted.
 *
 * @param {Object} ruleset from `parse`
 * @param {Product} product
 * @returns {string[]}
 */
export function matching(ruleset, product) {
    return Object.keys(ruleset.selectors)
        .filter((key) => matches(ruleset.selectors[key], product))
        .sort();
}
