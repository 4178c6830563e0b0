from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..models import fidelity_card_batch
from ..rules import number_scheme
from .common import FidelityBuilder, FidelityCase


@tagged("post_install", "-at_install")
class TestCardBatch(FidelityCase):
    """Many cards at once, part by part."""

    def start(self, **vals):
        return self.env["fidelity.card.batch"]._start(self.card_type, **vals)

    def test_hundred_thousand_cards_are_all_different_and_right(self):
        batch = self.start(quantity=100_000)
        self.assertEqual(batch.state, "running")
        parts = 0
        while batch._make_some():
            parts += 1
        self.assertEqual((parts, batch.state, batch.made_count, batch.progress), (20, "done", 100_000, 100))
        self.env.cr.execute(
            "SELECT count(*), count(DISTINCT number), count(*) FILTER (WHERE state = 'draft') FROM fidelity_card WHERE batch_id = %s",
            [batch.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (100_000,) * 3)
        for card in batch.card_ids[::10_000]:
            self.assertEqual(number_scheme.recognise(card.number, [self.card_type._scheme()]).number, card.number)

    def test_numbers_typed_by_hand_are_passed_over(self):
        serial = int(self.start(quantity=1).card_ids.number[4:12])
        taken = [number_scheme.nth_number(self.card_type._scheme(), serial + step) for step in (1, 2, 4)]
        self.env["fidelity.card"].create([{"card_type_id": self.card_type.id, "number": number} for number in taken])
        batch = self.start(quantity=4)
        self.assertEqual((batch.state, batch.made_count, len(batch.card_ids)), ("done", 4, 4))
        self.assertFalse(set(taken) & set(batch.card_ids.mapped("number")))

    def test_interrupted_batch_goes_on_where_it_stopped(self):
        batch = self.start(quantity=12_000)
        batch._make_some()
        batch.action_stop()
        self.assertEqual((batch._make_some(), batch.made_count, batch.state), (0, 5_000, "stopped"))
        batch.action_go_on()
        while batch._make_some():
            pass
        self.assertEqual((batch.made_count, len(batch.card_ids)), (12_000, 12_000))
        self.assertEqual(batch._make_some(), 0)

    def test_job_makes_what_is_left(self):
        batch = self.start(quantity=6_000)
        with self.enter_registry_test_mode():
            self.env.ref("loyalty_fidelity.ir_cron_card_batch").method_direct_trigger()
        batch.invalidate_recordset()
        self.assertEqual((batch.state, batch.made_count), ("done", 6_000))

    def test_every_member_without_a_card_gets_one_that_works(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(5)])
        members = self.env["fidelity.member"].create(
            [{"partner_id": partner.id, "card_type_id": self.card_type.id} for partner in partners]
        )
        members[0].action_close()
        self.card_type.validity_months = 12
        with patch.object(fidelity_card_batch, "PART", 2):
            batch = self.start(kind="members")
            while batch._make_some():
                pass
        self.assertEqual((batch.made_count, batch.given_count, batch.state), (4, 4, "done"))
        for member in members[1:]:
            self.assertEqual(member.card_ids.state, "active")
            self.assertTrue(member.card_ids.expires_date)
            self.assertEqual(member.card_ids.event_ids.mapped("to_state"), ["active"])
        self.assertFalse(members[0].card_ids)
        self.assertEqual(len(self.member.card_ids), 1)
        with self.assertRaisesRegex(UserError, "nobody to make a card for"):
            self.start(kind="members")

    def test_wrong_numbers_are_refused_with_the_field_named(self):
        for quantity in (0, -1, 1_000_001):
            with self.assertRaisesRegex(UserError, "Cards: "):
                self.start(quantity=quantity)

    def test_user_makes_few_and_only_a_manager_many(self):
        user = self.make_user("card-user", "loyalty_fidelity.group_fidelity_user")
        batches = self.env["fidelity.card.batch"].with_user(user)
        batch = batches._start(self.card_type.with_user(user), quantity=3)
        self.assertEqual((batch.made_count, batch.author_name), (3, "card-user"))
        for vals in ({"quantity": 10_001}, {"kind": "members"}):
            with self.assertRaises(AccessError):
                batches._start(self.card_type.with_user(user), **vals)
        for action in (batch.action_stop, batch.action_go_on, batch.action_give_all_out):
            with self.assertRaises(AccessError):
                action()
        for forbidden in (lambda: batch.write({"quantity": 9}), lambda: batches.create({"card_type_id": self.card_type.id})):
            with self.assertRaises(AccessError):
                forbidden()
        plain = self.make_user("card-nobody")
        with self.assertRaises(AccessError):
            self.env["fidelity.card.batch"].with_user(plain)._start(self.card_type, quantity=1)

    def test_batch_of_another_company_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        user = self.make_user("card-other", "loyalty_fidelity.group_fidelity_manager")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        batch = self.start(quantity=1)
        self.assertFalse(self.env["fidelity.card.batch"].with_user(user).search([("id", "=", batch.id)]))

    def test_batch_with_cards_stays(self):
        with self.assertRaises(UserError):
            self.start(quantity=1).unlink()


@tagged("post_install", "-at_install")
class TestCardDownloads(FidelityBuilder, HttpCase):
    """Numbers as CSV, cards as PDF."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card_type = cls.make_card_type()
        cls.manager = cls.make_user("downloads", "loyalty_fidelity.group_fidelity_manager")
        cls.manager.password = "downloads downloads"

    def test_numbers_as_csv(self):
        member = self.make_member(self.card_type, name="=cmd()")
        batch = self.env["fidelity.card.batch"]._start(self.card_type, quantity=3)
        batch.card_ids[0]._give_out(member)
        self.authenticate("downloads", "downloads downloads")
        lines = self.url_open(f"/loyalty_fidelity/card_batch/{batch.id}/csv").text.splitlines()
        self.assertEqual(lines[0], "number,barcode,track,member")
        numbers = batch.card_ids.sorted("id").mapped("number")
        self.assertEqual([line.split(",")[:3] for line in lines[1:]], [[n, n, f";{n}?"] for n in numbers])
        self.assertIn("'=cmd()", "".join(lines))

    def test_nobody_else_downloads(self):
        batch = self.env["fidelity.card.batch"]._start(self.card_type, quantity=1)
        plain = self.make_user("downloads-not")
        plain.password = "downloads downloads"
        self.authenticate("downloads-not", "downloads downloads")
        self.assertEqual(self.url_open(f"/loyalty_fidelity/card_batch/{batch.id}/csv").status_code, 403)
        sheet = self.env["fidelity.card.print"].create({"batch_id": batch.id})
        self.assertEqual(self.url_open(f"/loyalty_fidelity/cards/{sheet.id}/pdf").status_code, 404)

    def test_cards_as_pdf(self):
        batch = self.env["fidelity.card.batch"]._start(self.card_type, quantity=30)
        self.authenticate("downloads", "downloads downloads")
        sheet = self.env["fidelity.card.print"].with_user(self.manager).create({"batch_id": batch.id, "first": 2, "count": 28})
        self.assertEqual(sheet.action_print()["url"], f"/loyalty_fidelity/cards/{sheet.id}/pdf")
        answer = self.url_open(sheet.action_print()["url"])
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(answer.content.count(b"/Type /Page\n"), 2)
