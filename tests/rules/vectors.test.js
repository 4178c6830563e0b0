/** The shipped mirror against the rule vectors: `node --test "tests/rules/*.test.js"`. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { Basket } from "../../loyalty_fidelity_pos/static/src/app/rules/basket.js";
import { loadKernel } from "./kernel_calls.js";

const root = new URL("../../", import.meta.url);
const folder = new URL("loyalty_fidelity/tests/vectors/", root);
const answer = await loadKernel(new URL("loyalty_fidelity_pos/static/src/app/rules/", root));
const files = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();

test("there are vectors for every rule", () => {
    assert.deepEqual(files, [
        "arithmetic.json",
        "basket.json",
        "benefit.json",
        "card_number.json",
        "checks.json",
        "code_number.json",
        "day.json",
        "evaluate.json",
        "expiry.json",
        "explain.json",
        "lots.json",
        "number_scheme.json",
        "price.json",
        "reversal.json",
        "ruleset.json",
        "selector.json",
        "situation.json",
        "spending.json",
        "tier.json",
        "voucher.json",
    ]);
});

test("a basket takes lines only", () => {
    const fields = { currency: "GBP", lines: [{ key: "a" }], eligible_paid_minor: 0 };
    assert.throws(() => new Basket(fields), { name: "RuleError", code: "type", message: "type (field=lines)" });
});

for (const file of files) {
    const { rule, rulesets = {}, vectors } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    for (const vector of vectors.filter((each) => each.only !== "python")) {
        test(`${rule} ${vector.id}: ${vector.why}`, () => {
            const input = { ...vector.input };
            if (typeof input.ruleset === "string") {
                input.ruleset = rulesets[input.ruleset];
            }
            const expected = "error" in vector ? { error: vector.error } : { value: vector.expected };
            assert.deepStrictEqual(answer({ call: `${rule}.${vector.call}`, input }), expected);
        });
    }
}
