import { expect, test } from "@odoo/hoot";
import { click, queryAll, queryOne, queryText } from "@odoo/hoot-dom";
import { animationFrame, Deferred, mockDate } from "@odoo/hoot-mock";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { ProductScreen } from "@point_of_sale/app/screens/product_screen/product_screen";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { MemberStrip } from "@loyalty_fidelity_pos/app/components/member_strip/member_strip";
import { ANNA, answerFor, BLOCKED, CARLO } from "../data/pos_config.data";
import { makeReader, setupTill } from "../utils";

definePosModels();

async function setupStrip() {
    mockDate("2019-11-21 10:00:00", 0);
    const till = await setupTill();
    await mountWithCleanup(MemberStrip, { props: { order: till.order } });
    return till;
}

test("nothing shows without a card", async () => {
    await setupStrip();
    expect(".fidelity-strip").toHaveCount(0);
    expect(".fidelity-strip-region").toHaveAttribute("aria-live", "polite");
});

test("reading, then the member: name, card type, masked card, balance, what the sale earns", async () => {
    const answer = new Deferred();
    onRpc("pos.config", "fidelity_identify", () => answer);
    const { store } = await setupStrip();
    const { reader } = makeReader(store);
    await reader.scan(ANNA);
    await animationFrame();
    expect(".fidelity-strip .fidelity-title").toHaveText("Reading the card…");
    expect(".fidelity-strip .fidelity-card").toHaveText("•••• 0016");

    answer.resolve(answerFor(ANNA));
    await animationFrame();
    await animationFrame();
    expect(".fidelity-strip-success .fidelity-title").toHaveText("Anna B.");
    expect(".fidelity-strip .fidelity-card").toHaveText("Gift Points · •••• 0016");
    expect(".fidelity-balance").toHaveText("116");
    expect(".fidelity-unit").toHaveText("points");
    expect(".fidelity-gain").toHaveText("+6");
    expect(queryText(".fidelity-strip")).not.toMatch(/0490000000016|Bianchi/);
});

test("what the sale earns follows the basket", async () => {
    const { order, till } = await setupStrip();
    await till.read(ANNA, "scan");
    order.lines[0].setQuantity(30);
    await animationFrame();
    expect(".fidelity-gain").toHaveText("+44");
    order.lines[0].setQuantity(0);
    await animationFrame();
    expect(".fidelity-gain").toHaveText("+0");
    expect(queryOne(".fidelity-gain").parentElement).toHaveAttribute(
        "title",
        "The sale is below the minimum for points."
    );
});

test("figures are written as the user's language writes them", async () => {
    const { till } = await setupStrip();
    await till.read(CARLO, "scan");
    await animationFrame();
    expect(".fidelity-balance").toHaveText("2,500");
});

test("a refusal is one sentence with an icon, until it is dismissed", async () => {
    const { till } = await setupStrip();
    await till.read(ANNA, "scan");
    await till.read(BLOCKED, "scan");
    await animationFrame();
    expect(".fidelity-strip-danger .fa-ban").toHaveCount(1);
    expect(".fidelity-title").toHaveText("Card blocked on 12 May: ask the manager.");
    await click(".fidelity-dismiss");
    await animationFrame();
    expect(".fidelity-strip-success .fidelity-title").toHaveText("Anna B.");
});

test("off line it says that the customer will be found later", async () => {
    const { store, till } = await setupStrip();
    store.data.network.offline = true;
    await till.read(ANNA, "scan");
    await animationFrame();
    expect(".fidelity-strip-warning .fidelity-title").toHaveText(
        "Card read. The customer will be found when the connection is back."
    );
    expect(".fidelity-card").toHaveText("•••• 0016 · +6 this sale");
});

test("the card can be taken off; a card that left with the customer is told", async () => {
    const { store, order, till } = await setupStrip();
    await till.read(ANNA, "scan");
    await animationFrame();
    await click(".fidelity-remove");
    await animationFrame();
    expect(".fidelity-strip").toHaveCount(0);
    expect(order.getPartner()).toBe(undefined);

    await till.read(ANNA, "scan");
    order.setPartner(store.models["res.partner"].get(4));
    await animationFrame();
    expect(".fidelity-strip-warning .fidelity-title").toHaveText(
        "Card of Anna B. removed with the customer. Read it again to keep it."
    );
});

test("a card on an order that comes back without its member is looked up", async () => {
    mockDate("2019-11-21 10:00:00", 0);
    const { order } = await setupTill();
    order.setFidelity({ card: ANNA, entry: "scan" });
    await mountWithCleanup(MemberStrip, { props: { order } });
    await animationFrame();
    await animationFrame();
    expect(".fidelity-title").toHaveText("Anna B.");
});

test("on the product screen it stands between the lines and the keypad", async () => {
    const { order, till } = await setupTill();
    await mountWithCleanup(ProductScreen, { props: { orderUuid: order.uuid } });
    await till.read(ANNA, "scan");
    await animationFrame();
    const [region] = queryAll(".leftpane > .fidelity-strip-region");
    expect(region.nextElementSibling).toHaveClass("pads");
    expect(".fidelity-card-button").toHaveCount(1);
});

test("without a card type there is neither strip nor button", async () => {
    const { store, order } = await setupTill();
    store.models["fidelity.card.type"].getFirst().delete();
    await mountWithCleanup(ProductScreen, { props: { orderUuid: order.uuid } });
    expect(".fidelity-strip-region").toHaveCount(0);
    expect(".fidelity-card-button").toHaveCount(0);
});

test("a card number in the product search is read as a card", async () => {
    const { store, order } = await setupTill();
    await mountWithCleanup(ProductScreen, { props: { orderUuid: order.uuid } });
    store.searchProductWord = ANNA;
    await animationFrame();
    await animationFrame();
    expect(store.searchProductWord).toBe("");
    expect(order.getFidelityClaim().card).toBe(ANNA);
    expect(order.getFidelityClaim().entry).toBe("typed");
});

test("what is missing to the next tier follows the basket, in the line of the card", async () => {
    const progress = { tier: "Gold", measure: "spending", missing: 12000 };
    onRpc("pos.config", "fidelity_identify", () => ({
        ...answerFor(ANNA),
        tier: { id: 2, name: "Silver", medal: "silver" },
        progress,
    }));
    const { order, till } = await setupStrip();
    await till.read(ANNA, "scan");
    await animationFrame();
    expect(".fidelity-strip .fidelity-medal-silver").toHaveCount(1);
    expect(queryText(".fidelity-strip .fidelity-card")).toMatch(/to Gold · •••• 0016$/);
    const { height } = queryOne(".fidelity-strip").getBoundingClientRect();
    expect(height >= 56 && height <= 72).toBe(true);
    order.lines[0].setQuantity(1000);
    await animationFrame();
    expect(".fidelity-strip .fidelity-card").toHaveText("Gold reached with this sale · •••• 0016");
});
