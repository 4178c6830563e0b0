import { expect, test } from "@odoo/hoot";
import { Deferred } from "@odoo/hoot-mock";
import { onRpc } from "@web/../tests/web_test_helpers";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { ANNA, answerFor } from "../data/pos_config.data";
import { makeReader, setupTill } from "../utils";

definePosModels();

test("a card never reaches the product parser", async () => {
    const { store, order } = await setupTill();
    const { reader, parsed } = makeReader(store);
    reader.register({ product: () => {} });

    await reader.scan(ANNA);
    expect(parsed).toEqual([]);
    expect(order.getFidelityClaim().card).toBe(ANNA);

    await reader.scan("5901234123457");
    expect(parsed).toEqual(["5901234123457"]);
});

test("a leading zero that the scanner dropped comes back", async () => {
    const { store, order } = await setupTill();
    const { reader, parsed } = makeReader(store);
    await reader.scan(ANNA.slice(1));
    expect(parsed).toEqual([]);
    expect(order.getFidelityClaim().card).toBe(ANNA);
});

test("a wrong check digit is refused with a sentence and is no product", async () => {
    const { store, order, till } = await setupTill();
    const { reader, parsed } = makeReader(store);
    await reader.scan("0490000000017");
    expect(parsed).toEqual([]);
    expect(order.getFidelityClaim()).toBe(null);
    expect(till.stateOf(order).notice.kind).toBe("refused");
    expect(till.stateOf(order).notice.message).toMatch(/not read well/);
});

test("exclusive handlers keep their scans", async () => {
    const { store, order } = await setupTill();
    const { reader, parsed } = makeReader(store);
    const release = reader.register({ product: () => {} }, true);
    await reader.scan(ANNA);
    expect(parsed).toEqual([ANNA]);
    expect(order.getFidelityClaim()).toBe(null);
    release();
    await reader.scan(ANNA);
    expect(parsed).toEqual([ANNA]);
    expect(order.getFidelityClaim().card).toBe(ANNA);
});

test("the next article is scanned while the member is still being looked up", async () => {
    const answer = new Deferred();
    onRpc("pos.config", "fidelity_identify", () => answer);
    const { store, order, till } = await setupTill();
    const { reader, parsed } = makeReader(store);
    reader.register({ product: () => {} });

    await reader.scan(ANNA);
    expect(till.stateOf(order).reading).toBe(ANNA);
    await reader.scan("5901234123457");
    expect(parsed).toEqual(["5901234123457"]);
    answer.resolve(answerFor(ANNA));
});

test("without a card type the till listens to no card", async () => {
    const { store } = await setupTill();
    const { reader, parsed } = makeReader(store);
    reader.register({ product: () => {} });
    store.models["fidelity.card.type"].getFirst().delete();
    await reader.scan(ANNA);
    expect(parsed).toEqual([ANNA]);
});
