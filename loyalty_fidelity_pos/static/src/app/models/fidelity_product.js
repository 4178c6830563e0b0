/** What selectors look at: the variant of a line, its categories, tags and attribute values. */
import { Product, matching } from "@loyalty_fidelity_pos/app/rules/selector";

function ids(records) {
    return (records || []).map((record) => record.id);
}

function unique(numbers) {
    return [...new Set(numbers)].sort((one, other) => one - other);
}

/** The value behind a value of a template; the till does not load the model, but its number. */
function valueIds(templateValues) {
    return (templateValues || []).map((value) => value.raw.product_attribute_value_id);
}

/**
 * @param {PosOrderline} line
 * @returns {Product} what the kernel's selectors look at; `categories` are its own and all above it
 */
export function productFacts(line) {
    const product = line.product_id;
    const template = product.product_tmpl_id;
    return new Product({
        variant: product.id,
        categories: unique(template?.parentCategories || []),
        tags: unique([...ids(template?.product_tag_ids), ...ids(product.additional_product_tag_ids)]),
        values: unique([
            ...valueIds(product.product_template_attribute_value_ids),
            ...valueIds(line.attribute_value_ids),
        ]),
    });
}

/**
 * @param {Object} rules the kernel's ruleset
 * @param {PosOrderline} line
 * @returns {string[]} keys of the selectors that a line matches
 */
export function selectorsOf(rules, line) {
    return Object.keys(rules.selectors).length ? matching(rules, productFacts(line)) : [];
}
