import { useEffect } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { ProductScreen } from "@point_of_sale/app/screens/product_screen/product_screen";
import { CodeChips } from "@loyalty_fidelity_pos/app/components/code_chips/code_chips";
import { MemberStrip } from "@loyalty_fidelity_pos/app/components/member_strip/member_strip";

patch(ProductScreen, {
    components: { ...ProductScreen.components, CodeChips, MemberStrip },
});

patch(ProductScreen.prototype, {
    setup() {
        super.setup(...arguments);
        useEffect(
            (word) => this._readCardInSearch(word),
            () => [this.searchWord]
        );
    },

    /** A card number in the product search is a card, typed there or scanned while the field had the focus. */
    _readCardInSearch(word) {
        const till = this.pos.fidelity;
        if (word && till.enabled && till.recognises(word)) {
            this.pos.searchProductWord = "";
            till.read(word, "typed");
        }
    },
});
