import { expect, test } from "@odoo/hoot";
import { Deferred, mockDate } from "@odoo/hoot-mock";
import { makeServerError, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { getFilledOrder } from "@point_of_sale/../tests/unit/utils";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { ANNA, answerFor, BLOCKED, CARLO, STRANGER, UNKNOWN } from "../data/pos_config.data";
import { setupTill, show } from "../utils";

definePosModels();

test("a card brings its member, who becomes the customer, and leaves a claim", async () => {
    mockDate("2019-11-21 10:00:00", 0);
    const { order, till } = await setupTill();
    await till.read(ANNA, "scan");
    expect(order.getPartner().id).toBe(3);
    expect(order.getFidelityMember().member).toBe("Anna B.");
    expect(order.getFidelityMember().balance).toBe(116);
    expect(JSON.parse(order.fidelity_claim)).toEqual({
        v: 1,
        card: ANNA,
        entry: "scan",
        screen: "product",
        added_at: "2019-11-21T10:00:00Z",
        offline: false,
        previous_cards: [],
        card_id: 7,
        member_id: 3,
        ruleset_id: 2,
        ruleset_hash: "second",
    });
});

test("the claim travels with the order to the server", async () => {
    const { order, till } = await setupTill();
    await till.read(ANNA, "typed");
    expect(order.serializeForORM({ keepCommands: true }).fidelity_claim).toBe(order.fidelity_claim);
    expect(order.serializeForIndexedDB().fidelity_claim).toBe(order.fidelity_claim);
});

test("a customer that the till has not loaded comes with the answer", async () => {
    const { store, order, till } = await setupTill();
    expect(store.models["res.partner"].get(9001)).toBe(undefined);
    await till.read(STRANGER, "scan");
    expect(order.getPartner().name).toBe("Zoe Farr");
});

test("a refused card says why and changes nothing", async () => {
    const { order, till } = await setupTill();
    for (const [card, sentence] of [
        [BLOCKED, "Card blocked on 12 May: ask the manager."],
        [UNKNOWN, "This card is not known."],
    ]) {
        await till.read(card, "scan");
        expect(till.stateOf(order).notice).toEqual({ kind: "refused", message: sentence });
        expect(order.getFidelityClaim()).toBe(null);
        expect(order.getPartner()).toBe(undefined);
    }
    till.dismiss(order);
    expect(till.stateOf(order).notice).toBe(null);
});

test("the same card again changes nothing", async () => {
    const { order, till } = await setupTill();
    await till.read(ANNA, "scan");
    const claim = order.fidelity_claim;
    await till.read(ANNA, "scan");
    expect(order.fidelity_claim).toBe(claim);
    expect(till.stateOf(order).notice.message).toBe("Already on this sale.");
});

test("of two cards the last one counts, and the first stays on record", async () => {
    const { order, till } = await setupTill();
    await till.read(ANNA, "scan");
    await till.read(CARLO, "scan");
    expect(order.getFidelityClaim().card).toBe(CARLO);
    expect(order.getFidelityClaim().previous_cards).toEqual([ANNA]);
    expect(order.getPartner().id).toBe(4);
    expect(till.stateOf(order).notice.message).toMatch(/instead of •••• 0016/);
});

test("a refused second card leaves the first one in place", async () => {
    const { order, till } = await setupTill();
    await till.read(ANNA, "scan");
    await till.read(BLOCKED, "scan");
    expect(order.getFidelityClaim().card).toBe(ANNA);
    expect(order.getFidelityMember().member).toBe("Anna B.");
    expect(till.stateOf(order).notice.kind).toBe("refused");
});

test("an answer that comes after the cashier went to another sale stays with its own", async () => {
    const answer = new Deferred();
    onRpc("pos.config", "fidelity_identify", () => answer);
    const { store, order, till } = await setupTill();
    const reading = till.read(ANNA, "scan");
    const other = await getFilledOrder(store);
    show(store, other);
    answer.resolve(answerFor(ANNA));
    await reading;
    expect(other.getFidelityClaim()).toBe(null);
    expect(other.getPartner()).toBe(undefined);
    expect(order.getFidelityMember().member).toBe("Anna B.");
});

test("a sale paid before the answer keeps its card and is not touched afterwards", async () => {
    const answer = new Deferred();
    onRpc("pos.config", "fidelity_identify", () => answer);
    const { order, till } = await setupTill();
    const reading = till.read(ANNA, "scan");
    expect(order.getFidelityClaim().card).toBe(ANNA);
    const claim = order.fidelity_claim;
    order.state = "paid";
    answer.resolve(answerFor(ANNA));
    await reading;
    expect(order.fidelity_claim).toBe(claim);
    expect(order.getPartner()).toBe(undefined);
});

test("answers in the wrong order: the card read last counts", async () => {
    const answers = { [ANNA]: new Deferred(), [CARLO]: new Deferred() };
    onRpc("pos.config", "fidelity_identify", ({ args }) => answers[args[1]]);
    const { order, till } = await setupTill();
    const first = till.read(ANNA, "scan");
    const second = till.read(CARLO, "scan");
    answers[CARLO].resolve(answerFor(CARLO));
    await second;
    answers[ANNA].resolve(answerFor(ANNA));
    await first;
    expect(order.getFidelityClaim().card).toBe(CARLO);
    expect(order.getFidelityClaim().previous_cards).toEqual([ANNA]);
    expect(order.getPartner().id).toBe(4);
});

test("a card taken off while it is looked up stays off", async () => {
    const answer = new Deferred();
    onRpc("pos.config", "fidelity_identify", () => answer);
    const { order, till } = await setupTill();
    const reading = till.read(ANNA, "scan");
    till.remove(order);
    answer.resolve(answerFor(ANNA));
    await reading;
    expect(order.getFidelityClaim()).toBe(null);
    expect(order.getPartner()).toBe(undefined);
});

test("off line the number is kept, and its member is found when the connection is back", async () => {
    const { store, order, till } = await setupTill();
    store.data.network.offline = true;
    await till.read(ANNA, "scan");
    expect(order.getFidelityClaim().card).toBe(ANNA);
    expect(order.getFidelityClaim().offline).toBe(true);
    expect(order.getPartner()).toBe(undefined);

    store.data.network.offline = false;
    await till.findWaiting();
    expect(order.getFidelityMember().member).toBe("Anna B.");
    expect(order.getFidelityClaim().offline).toBe(false);
    expect(order.getPartner().id).toBe(3);
});

test("a customer chosen meanwhile by hand stays when the member is found", async () => {
    const { store, order, till } = await setupTill();
    store.data.network.offline = true;
    await till.read(ANNA, "scan");
    order.setPartner(store.models["res.partner"].get(4));
    expect(order.getFidelityClaim().card).toBe(ANNA);

    store.data.network.offline = false;
    await till.findWaiting();
    expect(order.getPartner().id).toBe(4);
    expect(till.stateOf(order).notice.message).toMatch(/stays the customer/);
});

test("off line a second card replaces the first one and its customer", async () => {
    const { store, order, till } = await setupTill();
    await till.read(ANNA, "scan");
    store.data.network.offline = true;
    await till.read(CARLO, "scan");
    expect(order.getFidelityClaim().card).toBe(CARLO);
    expect(order.getFidelityClaim().previous_cards).toEqual([ANNA]);
    expect(order.getPartner()).toBe(undefined);

    store.data.network.offline = false;
    await till.findWaiting();
    expect(order.getPartner().id).toBe(4);
    expect(order.getFidelityClaim().previous_cards).toEqual([ANNA]);
});

test("paid without a connection, the claim says so", async () => {
    const { store, order, till } = await setupTill();
    await till.read(ANNA, "scan");
    store.data.network.offline = true;
    till.seal(order);
    expect(order.getFidelityClaim().offline).toBe(true);
});

test("a server that fails does not lose the card", async () => {
    onRpc("pos.config", "fidelity_identify", () => {
        throw makeServerError({ message: "no answer" });
    });
    const { order, till } = await setupTill();
    await till.read(ANNA, "scan");
    expect(order.getFidelityClaim().card).toBe(ANNA);
    expect(order.getFidelityClaim().offline).toBe(false);
});

test("another customer chosen by hand takes the card off, and says so", async () => {
    const { store, order, till } = await setupTill();
    await till.read(ANNA, "scan");
    order.setPartner(store.models["res.partner"].get(3));
    expect(order.getFidelityClaim().card).toBe(ANNA);

    order.setPartner(store.models["res.partner"].get(4));
    expect(order.getFidelityClaim()).toBe(null);
    expect(order.uiState.fidelity).toEqual({ removed: "Anna B." });
    till.dismiss(order);
    expect(order.uiState.fidelity).toBe(null);
});

test("taking the card off takes its customer off too", async () => {
    const { order, till } = await setupTill();
    await till.read(ANNA, "scan");
    till.remove(order);
    expect(order.getFidelityClaim()).toBe(null);
    expect(order.getPartner()).toBe(undefined);
    expect(order.uiState.fidelity).toBe(null);
});

test("a card read where no sale is open says what to do", async () => {
    const { store, order, till } = await setupTill();
    const said = [];
    patchWithCleanup(store.notification, { add: (message) => said.push(String(message)) });
    show(store, null, "TicketScreen");
    await till.read(ANNA, "scan");
    order.state = "paid";
    show(store, order, "ReceiptScreen");
    await till.read(ANNA, "scan");
    expect(said).toEqual([
        "Open a sale, then read the card again.",
        "This sale is already paid. Read the card at the next one.",
    ]);
    expect(order.getFidelityClaim()).toBe(null);
});

test("just before payment the claim gets the points that the customer was shown", async () => {
    mockDate("2019-11-21 10:00:00", 0);
    const { order, till } = await setupTill();
    await till.read(ANNA, "scan");
    const { points } = till.preview(order);
    till.seal(order);
    expect(order.getFidelityClaim().points).toBe(points);
    expect(order.getFidelityClaim().ruleset_hash).toBe("second");
    order.state = "paid";
    const claim = order.fidelity_claim;
    till.seal(order);
    expect(order.fidelity_claim).toBe(claim);
});
