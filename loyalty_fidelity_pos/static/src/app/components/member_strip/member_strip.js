import { Component, useEffect } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePos } from "@point_of_sale/app/hooks/pos_hook";
import { mask } from "@loyalty_fidelity_pos/app/rules/card_number";
import {
    formatPoints,
    formatSignedPoints,
    noPointsReason,
} from "@loyalty_fidelity_pos/app/services/fidelity_words";

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
        const name = this.order.uiState.fidelity?.removed;
        return name
            ? {
                  key: "removed",
                  tone: "warning",
                  icon: "fa-exclamation-triangle",
                  title: _t("Card of %s removed with the customer. Read it again to keep it.", name),
                  dismiss: true,
              }
            : null;
    }

    waitingView(claim) {
        const gain = this.gain;
        return {
            key: `waiting ${claim.card}`,
            tone: "warning",
            icon: "fa-chain-broken",
            title: claim.offline
                ? _t("Card read. The customer will be found when the connection is back.")
                : _t("Card read. The customer could not be found now and will be at payment."),
            detail: gain
                ? _t("%(number)s · %(points)s this sale", { number: mask(claim.card), points: gain.text })
                : mask(claim.card),
            remove: true,
        };
    }

    memberView(member, notice) {
        return {
            key: `member ${member.card}`,
            tone: "success",
            medal: this.medalClass(member),
            medalName: member.tier?.name,
            icon: member.tier ? "fa-star" : "fa-id-card-o",
            title: member.member,
            card: _t("%(cardType)s · %(number)s", {
                cardType: member.card_type?.name || "",
                number: member.masked || mask(member.card),
            }),
            info: notice?.message,
            balance: formatPoints(member.balance || 0),
            unit: member.unit,
            gain: this.gain,
            remove: true,
        };
    }

    /** The metal of the tier, else the colour of the card type. */
    medalClass({ tier, card_type: cardType }) {
        if (tier) {
            return `fidelity-medal-${tier.medal}`;
        }
        return cardType?.color ? `o_colorlist_item_wo_border_color_${cardType.color}` : "";
    }

    /** What this basket earns, or null when the till cannot tell. */
    get gain() {
        const preview = this.till.preview(this.order);
        if (!preview || this.order.isEmpty()) {
            return null;
        }
        const hint = preview.settledLater
            ? _t("Points of returned goods are settled at payment.")
            : noPointsReason(preview.code);
        return { text: formatSignedPoints(preview.points), positive: preview.points > 0, hint };
    }

    remove() {
        this.till.remove(this.order);
    }

    dismiss() {
        this.till.dismiss(this.order);
    }
}
