import { patch } from "@web/core/utils/patch";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { MemberStrip } from "@loyalty_fidelity_pos/app/components/member_strip/member_strip";

patch(PaymentScreen, {
    components: { ...PaymentScreen.components, MemberStrip },
});
