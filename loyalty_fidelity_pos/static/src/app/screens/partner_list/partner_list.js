import { patch } from "@web/core/utils/patch";
import { PartnerList } from "@point_of_sale/app/screens/partner_list/partner_list";

patch(PartnerList.prototype, {
    /** A card number in the customer search finds its member; the list closes and keeps the customer as it was. */
    async onEnter() {
        const till = this.pos.fidelity;
        const query = this.state.query;
        if (!query || !till.takes(query)) {
            return super.onEnter(...arguments);
        }
        this.clickPartner(this.props.partner);
        return till.read(query, "typed");
    },
});
