import { expect, test } from "@odoo/hoot";
import { newClaim, readClaim, readResult, writeClaim } from "@loyalty_fidelity_pos/app/models/fidelity_claim";

test("what is not a claim reads as none", () => {
    for (const text of [false, undefined, "", "nonsense", "[]", "null", "{}", '{"card": 7}']) {
        expect(readClaim(text)).toBe(null);
    }
    expect(readClaim('{"card": "0490000000016"}')).toEqual({ card: "0490000000016" });
});

test("a claim is written with its version and read back", () => {
    const claim = newClaim({ card: "1", entry: "scan", screen: "product", addedAt: "2019-01-01T00:00:00Z" });
    expect(readClaim(writeClaim(claim))).toEqual({ v: 1, ...claim });
});

test("earlier cards are kept once each, without the one that counts", () => {
    const read = { card: "1", entry: "scan", screen: "product", addedAt: "2019-01-01T00:00:00Z" };
    const second = newClaim({ ...read, card: "2" }, newClaim(read));
    expect(second.previous_cards).toEqual(["1"]);
    expect(newClaim(read, second).previous_cards).toEqual(["2"]);
});

test("a result has a state", () => {
    expect(readResult(false)).toBe(null);
    expect(readResult("{}")).toBe(null);
    expect(readResult('{"state": "pending"}')).toEqual({ state: "pending" });
});
