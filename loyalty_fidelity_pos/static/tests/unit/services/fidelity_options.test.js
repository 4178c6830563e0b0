import { expect, test } from "@odoo/hoot";
import { mockDate } from "@odoo/hoot-mock";
import { onRpc } from "@web/../tests/web_test_helpers";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { productFacts } from "@loyalty_fidelity_pos/app/models/fidelity_product";
import { ANNA, answerFor } from "../data/pos_config.data";
import { payload } from "../data/fidelity_ruleset.data";
import { setupTill } from "../utils";

definePosModels();

const EVERYTHING = { products: [], categories: [], tags: [], values: [] };
const always = { selector: null, when: {}, minimum_receipt_minor: 0 };
const points = (changes) => ({
    ...always,
    key: "b1",
    kind: "points",
    mode: "visit",
    points: 5,
    step_minor: 0,
    minimum_lines_minor: 0,
    cap_receipt: 0,
    cap_day: 0,
    cap_month: 0,
    ...changes,
});
const discount = (changes) => ({
    ...always,
    key: "b3",
    kind: "discount",
    percent_bps: 1000,
    own: false,
    on_discounted: "stack",
    cap_line_minor: 0,
    cap_receipt_minor: 0,
    cap_day_minor: 0,
    cap_month_minor: 0,
    ...changes,
});

/** A till with an order of 17.85 whose card gives these benefits, and what the server tells of the member. */
async function setupOptions(given, { selectors = {}, situation = null, stacking = "stack" } = {}) {
    mockDate("2019-11-21 10:00:00", 0);
    onRpc("pos.config", "fidelity_identify", ({ args }) => ({ ...answerFor(args[1]), situation }));
    const till = await setupTill();
    till.store.models["fidelity.ruleset"].get(2).payload = payload(2, {
        schema: 3,
        stacking,
        selectors,
        benefits: given,
    });
    return till;
}

const told = (changes) => ({
    date: "2019-11-21",
    minute: 600,
    store_id: 0,
    tier_id: 0,
    tag_ids: [],
    birthday_days: null,
    purchases: 0,
    own_bps: 0,
    used: {},
    ...changes,
});

test("a discount on some products lands on their lines alone", async () => {
    const { order, till } = await setupOptions([discount({ selector: "s1" })], {
        selectors: { s1: { ...EVERYTHING, products: [5], without: EVERYTHING } },
    });
    await till.read(ANNA, "scan");
    expect(order.lines.map((line) => [line.product_id.id, line.discount || 0])).toEqual([
        [5, 10],
        [6, 0],
    ]);
});

test("what selectors look at of a product", async () => {
    const { store, order } = await setupOptions([points()]);
    const [category] = store.models["product.category"].getAll();
    const template = order.lines[0].product_id.product_tmpl_id;
    template.update({ categ_id: category });
    const facts = productFacts(order.lines[0]);
    expect(facts.variant).toBe(5);
    expect(category.id > 0).toBe(true);
    expect([...facts.categories]).toInclude(category.id);
    expect(facts.categories.length).toBe(template.parentCategories.length);
});

test("a happy hour counts by the clock of the moment the price is told", async () => {
    const hours = { from_minute: 540, to_minute: 659 };
    const { order, till } = await setupOptions([discount({ when: hours }), points({ when: hours })]);
    await till.read(ANNA, "scan");
    expect(order.lines[0].discount).toBe(10);
    expect(till.preview(order).points).toBe(5);

    mockDate("2019-11-21 12:00:00", 0);
    till.seal(order);
    expect(order.lines[0].discount).toBe(10);
    expect(order.getFidelityClaim().priced_at).toBe("2019-11-21T10:00:00Z");
    till.effects.refresh(order);
    expect(order.lines[0].discount || 0).toBe(0);
    expect(till.preview(order).points).toBe(0);
});

test("the member's own percentage, and what a limit leaves of the day", async () => {
    const { order, till } = await setupOptions([discount({ own: true, percent_bps: 0, cap_day_minor: 200 })], {
        situation: told({ own_bps: 2000, used: { "b3:day": 50 } }),
    });
    await till.read(ANNA, "scan");
    expect(order.lines.map((line) => line.discount || 0).slice(0, 2)).toEqual([0, 0]);
    expect(till.preview(order).saved_minor).toBe(150);
});

test("what is missing for a discount is told", async () => {
    const { order, till } = await setupOptions([discount({ minimum_receipt_minor: 2000 })]);
    await till.read(ANNA, "scan");
    expect(till.preview(order).missing_minor).toBe(215);
});
