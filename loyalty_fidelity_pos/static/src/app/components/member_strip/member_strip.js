import { Component, useEffect } from "@odoo/owl";
import { formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { usePos } from "@point_of_sale/app/hooks/pos_hook";
import { ask, makeAwaitable } from "@point_of_sale/app/utils/make_awaitable_dialog";
import { PrizeGiven } from "@loyalty_fidelity_pos/app/components/prize_popup/prize_given";
import { PrizePopup } from "@loyalty_fidelity_pos/app/components/prize_popup/prize_popup";
import { WhyPopup } from "@loyalty_fidelity_pos/app/components/why_popup/why_popup";
import { lacksPrices } from "@loyalty_fidelity_pos/app/models/fidelity_member_price";
import { askAmount } from "@loyalty_fidelity_pos/app/services/fidelity_amount_popup";
import { mask } from "@loyalty_fidelity_pos/app/rules/card_number";
import {
    formatMoney,
    formatPercent,
    formatPoints,
    formatProgress,
    formatSignedMoney,
    formatSignedPoints,
    noPointsReason,
} from "@loyalty_fidelity_pos/app/services/fidelity_words";

const { DateTime } = luxon;

/** Whether the discount of a line is, among others, the one that the last purchase left. */
function usesRolling(line, preview) {
    const effect = line.fidelity_effect && line.getFidelityEffect();
    const rolling = preview?.ruleset.rules.benefits.find((benefit) => benefit.kind === "rolling");
    return Boolean(effect && rolling && (effect.benefit === rolling.key || effect.benefits?.[rolling.key]));
}

/**
 * One line between the articles and the keypad: who the customer is, what he has, what this sale earns; or why a card
 * was not taken. Empty without a card.
 */
export class MemberStrip extends Component {
    static template = "loyalty_fidelity_pos.MemberStrip";
    static props = {
        order: { type: Object, optional: true },
        class: { type: String, optional: true },
    };
    static defaultProps = { class: "" };

    setup() {
        this.pos = usePos();
        this.dialog = useService("dialog");
        useEffect(
            (order) => {
                if (order && this.till.enabled) {
                    this.till.find(order);
                }
            },
            () => [this.props.order]
        );
    }

    get till() {
        return this.pos.fidelity;
    }

    get order() {
        return this.props.order;
    }

    /** The one thing to show now; null for nothing. A refusal comes before the member until it is dismissed. */
    get view() {
        if (!this.order || !this.till.enabled) {
            return null;
        }
        const { reading, notice } = this.till.stateOf(this.order);
        if (notice?.kind === "refused") {
            return { key: "refused", tone: "danger", icon: "fa-ban", title: notice.message, dismiss: true };
        }
        if (reading) {
            return {
                key: "reading",
                tone: "quiet",
                icon: "fa-circle-o-notch fa-spin",
                title: _t("Reading the card…"),
                detail: mask(reading),
            };
        }
        const claim = this.order.getFidelityClaim();
        if (!claim) {
            return this.removedView;
        }
        const member = this.order.getFidelityMember();
        return member ? this.memberView(member, notice) : this.waitingView(claim);
    }

    get removedView() {
        const { removed: name, discounted } = this.order.uiState.fidelity || {};
        return name
            ? {
                  key: "removed",
                  tone: "warning",
                  icon: "fa-exclamation-triangle",
                  title: discounted
                      ? _t("Card of %s and its discounts removed with the customer. Read it again to keep them.", name)
                      : _t("Card of %s removed with the customer. Read it again to keep it.", name),
                  dismiss: true,
              }
            : null;
    }

    waitingView(claim) {
        const preview = this.preview;
        const gain = this.gainOf(preview);
        const details = [
            mask(claim.card),
            gain && _t("%s this sale", [gain.points, gain.money].filter(Boolean).join(" · ")),
            this.savingOf(preview),
            claim.offline && preview?.kinds.includes("rolling") && _t("no discount of the last purchase off line"),
        ];
        return {
            key: `waiting ${claim.card}`,
            tone: "warning",
            icon: "fa-chain-broken",
            title: claim.offline
                ? _t("Card read. The customer will be found when the connection is back.")
                : _t("Card read. The customer could not be found now and will be at payment."),
            detail: details.filter(Boolean).join(" · "),
            remove: true,
        };
    }

    memberView(member, notice) {
        const preview = this.preview;
        const points = !preview || preview.kinds.includes("points") || member.balance;
        const money = preview?.kinds.includes("cashback") || member.cashback_minor;
        return {
            key: `member ${member.card}`,
            tone: "success",
            medal: this.medalClass(member),
            medalName: member.tier?.name,
            icon: member.tier ? "fa-star" : "fa-id-card-o",
            title: member.member,
            // There is room for one of them: what is missing to the next tier says more than the kind of card.
            card: _t("%(cardType)s · %(number)s", {
                cardType:
                    formatProgress(member.progress, preview, this.order.currency) || member.card_type?.name || "",
                number: member.masked || mask(member.card),
            }),
            info:
                notice?.message ||
                (lacksPrices(this.order)
                    ? _t("The member prices are new: load the till again to use them.")
                    : ""),
            member: true,
            balance: points ? formatPoints(member.balance || 0) : "",
            unit: member.unit,
            cashback: money ? formatMoney(member.cashback_minor || 0, this.order.currency) : "",
            spending: this.spendingOf(),
            prizes: this.till.prizes.offers(this.order),
            gain: this.gainOf(preview),
            offer: [this.savingOf(preview), this.missingOf(preview), ...this.rollingOf(member, preview)]
                .filter(Boolean)
                .join(" · "),
            remove: true,
        };
    }

    get preview() {
        return this.till.preview(this.order);
    }

    /** What the card takes off this basket. */
    savingOf(preview) {
        return preview?.saved_minor > 0
            ? _t("Saves %s", formatMoney(preview.saved_minor, this.order.currency))
            : "";
    }

    /** Why a discount does not apply yet, where buying more would help. */
    missingOf(preview) {
        return preview?.missing_minor
            ? _t("%s more for the discount", formatMoney(preview.missing_minor, this.order.currency))
            : "";
    }

    /** The discount that the last purchase left, used by itself; and the one that this purchase leaves. */
    rollingOf(member, preview) {
        const used = this.order.lines.some((line) => usesRolling(line, preview));
        const ready = member.rolling && !used ? _t("%s ready", this.leftText(member.rolling)) : "";
        const left = { bps: preview?.rolling_bps, minor: preview?.rolling_minor };
        const next = (left.bps || left.minor) && !this.order.isEmpty() ? _t("next %s", this.leftText(left)) : "";
        return [ready, next];
    }

    /** What a purchase leaves for the next one: a percentage or an amount. */
    leftText({ bps, minor }) {
        return minor ? formatMoney(minor, this.order.currency) : formatPercent(bps);
    }

    /** The metal of the tier, else the colour of the card type. */
    medalClass({ tier, card_type: cardType }) {
        if (tier) {
            return `fidelity-medal-${tier.medal}`;
        }
        return cardType?.color ? `o_colorlist_item_wo_border_color_${cardType.color}` : "";
    }

    /** What this basket earns, or null when the till cannot tell, or the card is for something else. */
    gainOf(preview) {
        if (!preview || this.order.isEmpty()) {
            return null;
        }
        const { points, cashback_minor, kinds } = preview;
        const hint = preview.settledLater
            ? _t("What returned goods earned is taken back at payment.")
            : noPointsReason(preview.code);
        const gain = {
            points: points || kinds.includes("points") ? formatSignedPoints(points) : "",
            money:
                cashback_minor || kinds.includes("cashback")
                    ? formatSignedMoney(cashback_minor, this.order.currency)
                    : "",
            positive: points > 0 || cashback_minor > 0,
            hint,
        };
        return gain.points || gain.money ? gain : null;
    }

    /** What can be done with the cashback on this sale: use it, or keep it after all; null where nothing. */
    spendingOf() {
        const spent = this.till.spending.spent(this.order);
        if (spent) {
            return { spent: formatMoney(spent, this.order.currency) };
        }
        return !this.order.isEmpty() && this.till.spending.limit(this.order) ? {} : null;
    }

    /** Ask how much of the cashback to use, at most what there is and what the sale comes to. */
    async spend() {
        const { order } = this;
        const { spending } = this.till;
        const [most, least] = [spending.limit(order), spending.least(order)];
        const amount = await askAmount(this.dialog, order.currency, _t("Pay with cashback"), most, least);
        if (amount > 0) {
            const problem = await this.till.spending.use(order, amount);
            if (problem) {
                this.till.tell(order, "info", problem);
            }
        }
    }

    /** Show the prizes of this member, and put the one that he chooses on the sale. */
    async choosePrize() {
        const { order, till } = this;
        const { prizes, available, message } = await till.prizes.list(order);
        if (!prizes) {
            till.tell(order, "info", message);
            return;
        }
        const { unit } = order.getFidelityMember() || {};
        const { currency } = order;
        const prize = await makeAwaitable(this.dialog, PrizePopup, { prizes, available, unit: unit || "", currency });
        const problem = prize && (prize.how === "at_once" ? await this.givePrize(prize) : await till.prizes.take(order, prize));
        if (problem) {
            till.tell(order, "info", problem);
        }
    }

    /**
     * Give a prize at once, after asking: its points are gone with it.
     *
     * @returns {Promise<string>} why not, or empty
     */
    async givePrize(prize) {
        const { order, till } = this;
        const { card, masked, unit = "", member: name } = order.getFidelityMember();
        const sure = await ask(this.dialog, {
            title: prize.name,
            body: _t("Give it to %(name)s for %(points)s %(unit)s?", { name, points: formatPoints(prize.points), unit }),
            confirmLabel: _t("Give it"),
            cancelLabel: _t("Not now"),
        });
        if (!sure || order.getFidelityMember()?.card !== card) {
            return "";
        }
        const given = await till.prizes.give(order, prize);
        if (given.status !== "ok") {
            return given.message;
        }
        this.dialog.add(PrizeGiven, {
            slip: {
                given,
                unit,
                card: masked || mask(card),
                shop: this.pos.company.name,
                date: formatDate(DateTime.now()),
            },
            takeBack: () => till.prizes.takeBack(order, card, given.key),
        });
        return "";
    }

    /** Say line by line why the price is what it is, and what else the card gives or not. */
    why() {
        this.dialog.add(WhyPopup, { order: this.order, explained: this.till.rulesets.explain(this.order) });
    }

    keep() {
        return this.till.spending.use(this.order, 0);
    }

    remove() {
        this.till.remove(this.order);
    }

    dismiss() {
        this.till.dismiss(this.order);
    }
}
