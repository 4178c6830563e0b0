import { markRaw } from "@odoo/owl";
import { Reactive } from "@web/core/utils/reactive";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { isoSeconds, newClaim, replacing } from "@loyalty_fidelity_pos/app/models/fidelity_claim";
import { mask } from "@loyalty_fidelity_pos/app/rules/card_number";
import { recognise } from "@loyalty_fidelity_pos/app/rules/number_scheme";
import { FidelityCodes } from "@loyalty_fidelity_pos/app/services/fidelity_codes";
import { FidelityEffects } from "@loyalty_fidelity_pos/app/services/fidelity_effects";
import { FidelityPrizes } from "@loyalty_fidelity_pos/app/services/fidelity_prizes";
import { FidelitySpending } from "@loyalty_fidelity_pos/app/services/fidelity_spending";
import { FidelityRulesets } from "@loyalty_fidelity_pos/app/services/fidelity_rulesets";
import { memberFacts } from "@loyalty_fidelity_pos/app/services/fidelity_member";
import { situationOf } from "@loyalty_fidelity_pos/app/services/fidelity_situation";
import { refusalSentence, shortName } from "@loyalty_fidelity_pos/app/services/fidelity_words";

const { DateTime } = luxon;

const MANY_PARTNERS = 1000;
const NOTHING = Object.freeze({ reading: null, latest: null, notice: null });

/**
 * The loyalty side of one till: reads cards, finds their members, keeps the claim of each order and previews points.
 *
 * `states` holds, per order uuid, what the strip shows and a reload may forget:
 * `reading` (the number being looked up), `latest` (the number read last) and `notice` ({kind, message}; kind is
 * `done`, `info` or `refused`). What must survive is on the order.
 */
export class FidelityTill extends Reactive {
    constructor(pos) {
        super();
        this.pos = pos;
        this.states = {};
        // The kernel's frozen objects cannot live behind a reactive proxy.
        this.rulesets = markRaw(
            new FidelityRulesets(
                () => this.pos.models,
                (order) => this.situationOf(order)
            )
        );
        this.effects = markRaw(new FidelityEffects(this));
        this.spending = markRaw(new FidelitySpending(this));
        this.prizes = markRaw(new FidelityPrizes(this));
        this.codes = markRaw(new FidelityCodes(this));
    }

    /** @returns {boolean} this till has a card type; without one nothing of ours shows or listens */
    get enabled() {
        return Boolean(this.pos.models?.["fidelity.card.type"]?.length);
    }

    /** @returns {Array} number schemes (a prefix alone is an EAN-13) of all card types of the server, also of those this till does not take */
    get prefixes() {
        const text = this.pos.config?.fidelity_number_prefixes;
        return text ? JSON.parse(text) : [];
    }

    /** @returns {{reading: ?string, latest: ?string, notice: ?Object}} */
    stateOf(order) {
        return this.states[order.uuid] || NOTHING;
    }

    /** @returns {boolean} the text is a code or one of our cards, perhaps misread: no business of the product parser */
    takes(raw) {
        return this.enabled && (this.codes.takes(raw) || recognise(raw, this.prefixes).status !== "foreign");
    }

    /** @returns {boolean} the text is a code or one of our cards, complete and without a slip */
    recognises(raw) {
        return this.enabled && (this.codes.takes(raw) || recognise(raw, this.prefixes).status === "card");
    }

    // ---------------------------------------------------------------- reading

    /**
     * A card or a code was scanned, or its number typed.
     *
     * @param {string} raw as it arrived
     * @param {"scan"|"typed"|"search"} entry
     * @returns {Promise<void>} settles when the member is found, refused or left for later
     */
    async read(raw, entry) {
        if (this.codes.takes(raw)) {
            await this.codes.read(raw);
            return;
        }
        const { status, number } = recognise(raw, this.prefixes);
        const order = this.openOrder();
        if (!order) {
            return;
        }
        if (status !== "card") {
            this.refuse(order, refusalSentence(status));
            return;
        }
        const claim = order.getFidelityClaim();
        if (claim?.card === number && order.getFidelityMember()) {
            this.tell(order, "info", _t("Already on this sale."));
            return;
        }
        this._set(order.uuid, { latest: number });
        const added = newClaim({
            card: number,
            entry,
            screen: this._screen,
            addedAt: isoSeconds(DateTime.now()),
        });
        if (!claim) {
            // Claimed before the answer: a sale paid in between still reaches the server with its card.
            order.setFidelity(added);
        }
        await this._find(order.uuid, claim?.card === number ? claim : added);
    }

    /** Look up the member of a card that is on the order but not known: after a reload, or when back on line. */
    async find(order) {
        const claim = order.getFidelityClaim();
        if (!claim || order.finalized || order.getFidelityMember() || this.stateOf(order).reading) {
            return;
        }
        this._set(order.uuid, { latest: claim.card });
        await this._find(order.uuid, claim, true);
    }

    /** The connection is back: find the members of all cards that wait. */
    async findWaiting() {
        if (this.enabled) {
            await Promise.all(this.pos.getOpenOrders().map((order) => this.find(order)));
        }
    }

    /** Take the card off an order, and the customer that it brought. */
    remove(order) {
        const member = order.getFidelityMember();
        this.spending.release(order);
        delete this.states[order.uuid];
        order.setFidelity(null);
        if (member && order.partner_id?.id === member.partner_id && !order.getHasRefundLines()) {
            order.setPartner(false);
        }
    }

    /** Hide what the strip says about an order. */
    dismiss(order) {
        this._set(order.uuid, { notice: null });
        if (order.uiState.fidelity?.removed) {
            order.uiState.fidelity = null;
        }
    }

    // ---------------------------------------------------------------- preview

    /** What the basket earns as it stands: see `FidelityRulesets.preview`. */
    preview(order) {
        return this.rulesets.preview(order);
    }

    /**
     * The situation of a sale at the moment its price was told: the price does not change while it is being paid.
     *
     * @param {PosOrder} order
     * @returns {Object} the kernel's `Situation`
     */
    situationOf(order) {
        return situationOf(this.pos.config, order.getFidelityMember(), this._toldAt(order));
    }

    /** The price of an order is told now. */
    tellPriceNow(order) {
        order.uiState.fidelityToldAt = DateTime.utc().startOf("second").toMillis();
    }

    _toldAt(order) {
        const told = order.uiState.fidelityToldAt;
        return told ? DateTime.fromMillis(told) : DateTime.now();
    }

    /** Write into the claim what the customer was shown, just before the order is paid. */
    seal(order) {
        const claim = order?.getFidelityClaim();
        if (!claim || order.finalized) {
            return;
        }
        const preview = this.preview(order);
        const shown = preview
            ? { points: preview.points, ruleset_id: preview.ruleset.id, ruleset_hash: preview.ruleset.hash }
            : {};
        const offline = Boolean(claim.offline || this.pos.data.network.offline);
        const priced_at = isoSeconds(this._toldAt(order));
        this.effects.quietly(order, () =>
            order.setFidelity({ ...claim, ...shown, offline, priced_at }, order.getFidelityMember())
        );
        delete this.states[order.uuid];
    }

    // ---------------------------------------------------------------- inside

    get _screen() {
        return (this.pos.router.state.current || "").replace(/Screen$/, "").toLowerCase();
    }

    /** The open order on the screen; without one, say what to do. */
    openOrder() {
        const { orderUuid } = this.pos.router.state.params;
        const order = orderUuid && this.pos.models["pos.order"].getBy("uuid", orderUuid);
        if (order && !order.finalized) {
            return order;
        }
        const message = order
            ? _t("This sale is already paid. Read the card at the next one.")
            : _t("Open a sale, then read the card again.");
        this.pos.notification.add(message, { type: "warning" });
        this.pos.sound?.play("error");
        return null;
    }

    _draft(uuid) {
        const order = this.pos.models["pos.order"].getBy("uuid", uuid);
        return order && !order.finalized ? order : null;
    }

    _set(uuid, changes) {
        this.states[uuid] = { ...(this.states[uuid] || NOTHING), ...changes };
    }

    /** Say something about an order in its strip. */
    tell(order, kind, message) {
        this._set(order.uuid, { notice: { kind, message } });
    }

    /** Say in the strip of an order why something was not taken. */
    refuse(order, message) {
        this.tell(order, "refused", message);
        this.pos.sound?.play("error");
    }

    /** Ask the server who holds the card, and put the answer on the order it was read for. */
    async _find(uuid, claim, resumed = false) {
        this._set(uuid, { reading: claim.card, notice: null });
        let answer = null;
        let partner = null;
        let offline = false;
        try {
            answer = await this._identify(claim.card);
            if (answer.status === "ok") {
                partner = await this._partner(answer);
                await this.rulesets.fetchMissing(answer.ruleset?.id, this.pos.data);
            }
        } catch (error) {
            offline = error instanceof ConnectionLostError;
            if (!offline && !(error instanceof RPCError)) {
                throw error;
            }
            answer = null;
        } finally {
            if (this.stateOf({ uuid }).reading === claim.card) {
                this._set(uuid, { reading: null });
            }
        }
        const order = this._draft(uuid);
        if (!order || !this._concerns(order, claim.card)) {
            return;
        }
        if (!answer) {
            this._keepForLater(order, claim, offline);
        } else if (answer.status === "ok") {
            this._attach(order, claim, answer, partner, resumed);
        } else {
            this._turnDown(order, claim, answer);
        }
    }

    _identify(number) {
        const known = this.pos.models["res.partner"].getAllIds().filter(Number.isInteger);
        return this.pos.data.call("pos.config", "fidelity_identify", [
            [this.pos.config.id],
            number,
            known.slice(-MANY_PARTNERS),
        ]);
    }

    /** The answer still matters: its card is on the order, or was the last one read for it. */
    _concerns(order, number) {
        return order.getFidelityClaim()?.card === number || this.stateOf(order).latest === number;
    }

    async _partner({ partner_id, partner }) {
        const partners = this.pos.models["res.partner"];
        if (partner && !partners.get(partner_id)) {
            const data = await this.pos.data.missingRecursive({ "res.partner": [partner] });
            this.pos.models.connectNewData(data);
            this.pos.data.synchronizeServerDataInIndexedDB(data);
        }
        return partners.get(partner_id);
    }

    _attach(order, read, answer, partner, resumed) {
        const { claim, replaced } = replacing(order.getFidelityClaim(), read);
        order.setFidelity(
            {
                ...claim,
                offline: false,
                card_id: answer.card.id,
                member_id: answer.member.id,
                ruleset_id: answer.ruleset?.id,
                ruleset_hash: answer.ruleset?.hash,
            },
            memberFacts(answer, claim.card, partner)
        );
        const notice = this._bringCustomer(order, partner, resumed);
        this.effects.refresh(order);
        const message = replaced ? _t("Now instead of %s.", mask(replaced)) : notice;
        if (this.stateOf(order).latest === claim.card) {
            this.tell(order, message ? "info" : "done", message);
        }
    }

    /** Make the member the customer; return a sentence when the order keeps another one. */
    _bringCustomer(order, partner, resumed) {
        const current = order.partner_id;
        if (!partner || current?.id === partner.id) {
            return "";
        }
        if (current && (resumed || order.getHasRefundLines())) {
            return _t("%s stays the customer.", shortName(current.name));
        }
        order.setPartner(partner);
        return "";
    }

    /** Nobody could be asked: the number stays on the order, and the server will find its member. */
    _keepForLater(order, read, offline) {
        const { claim, replaced } = replacing(order.getFidelityClaim(), read);
        if (replaced) {
            this.remove(order);
        }
        order.setFidelity({ ...claim, offline });
        this.effects.refresh(order);
    }

    _turnDown(order, claim, answer) {
        if (order.getFidelityClaim()?.card === claim.card) {
            order.setFidelity(null);
        }
        if (this.stateOf(order).latest === claim.card) {
            this.refuse(order, answer.message || refusalSentence(answer.status));
        }
    }
}
