"""Every requirement of the partner module has a test that proves it and names it.

The ids are those of the product's checklist: P partners, T traffic channels, B partner bookings, R
reports and settlement. The promises of reliability use letters and numbers too, so a docstring
alone does not say which of the two is meant; this table does.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
PROOFS = {
    "P1 the menu item Partners stands under Settings": (
        "web/provider/test_partners.py::test_the_page_stands_under_settings_with_its_blue_button"
    ),
    "P2 the older place leads there": (
        "web/provider/test_partners.py::test_the_older_place_leads_here"
    ),
    "P3 partners book for their own patients, authorized services only": (
        "journeys/test_aims.py::test_two_partners_book_for_their_own_patients_and_only_what_is_open"
    ),
    "P4 correct accounting": (
        "web/partner/test_statistics.py::test_the_partner_reads_what_the_institution_reads"
    ),
    "P5 the module is licensed": (
        "web/provider/test_partners.py::test_without_the_module_the_page_explains_and_asks_once"
    ),
    "P6 kinds of partners": "web/provider/test_partners.py::test_a_new_partner_from_the_form",
    "P7 legal entities only": "partners/test_inviting.py::test_a_person_cannot_be_a_partner",
    "P8 a table with the blue button above it": (
        "web/provider/test_partners.py::test_the_page_stands_under_settings_with_its_blue_button"
    ),
    "P9 company name, tax number, registration number": (
        "partners/test_inviting.py::test_saving_keeps_the_card_and_sends_the_invitation"
    ),
    "P10 headquarters": "web/provider/test_partner_new.py::test_the_number_fills_the_form",
    "P11 representative": "partners/test_inviting.py::test_all_faults_come_at_once",
    "P12 locations, several at once": (
        "partners/test_changing.py::test_a_location_taken_out_closes_its_ticks_at_once"
    ),
    "P13 statistics, then percentage or fixed amount": (
        "partners/test_inviting.py::test_without_statistics_there_is_no_commission"
    ),
    "P14 commission demands the percentage": (
        "partners/test_inviting.py::test_the_percentage_has_bounds"
    ),
    "P15 place of payment": (
        "web/partner/test_partnerships.py::test_the_invitation_waits_with_its_terms"
    ),
    "P16 paid at partner": (
        "bookings/test_book_slot.py::test_payment_at_the_partner_marks_the_booking_paid_there"
    ),
    "P17 paid at the institution": "bookings/test_changes.py::test_payment_at_the_institution",
    "P18 may the partner see patients": (
        "api/test_patients.py::test_a_partner_finds_masked_and_books_the_hit"
    ),
    "P19 search inside the booking, no download": (
        "bookings/test_find_patients.py::"
        "test_two_criteria_find_a_masked_person_and_the_clinic_sees_it"
    ),
    "P20 otherwise a new person at every booking": (
        "bookings/test_book_slot.py::test_without_patient_access_every_booking_makes_a_new_person"
    ),
    "P21 saving sends the notification": (
        "partners/test_inviting.py::test_saving_keeps_the_card_and_sends_the_invitation"
    ),
    "P22 active only when accepted by the link": (
        "partners/test_inviting.py::test_nothing_is_open_before_acceptance"
    ),
    "P23 two kinds of letters": (
        "partners/test_inviting.py::test_a_known_company_gets_a_notification"
    ),
    "P24 general terms": "partners/test_answering.py::test_the_acceptance_is_recorded",
    "P25 users without limit": "organizations/test_users.py::test_users_without_limit",
    "P26 after acceptance in the list": (
        "partners/test_changing.py::test_pending_ones_come_first_in_the_list"
    ),
    "P27 edited at any time": "partners/test_changing.py::test_the_card_is_the_inviters_own",
    "P28 delete ends": (
        "partners/test_changing.py::test_the_end_closes_at_once_and_asks_about_bookings"
    ),
    "P29 the rate before saving, and later rates": (
        "partners/test_changing.py::test_new_terms_count_from_their_day_only"
    ),
    "P30 invitation not received": (
        "partners/test_inviting.py::test_resending_kills_the_old_link_and_corrects_the_address"
    ),
    "P31 one rate for the whole partner": (
        "partners/test_changing.py::test_one_rate_for_the_whole_partner"
    ),
    "P32 enabled for each institution": (
        "channels/test_listings.py::test_a_tick_makes_the_service_bookable_and_only_there"
    ),
    "P33 can book at partner institution": (
        "organizations/test_members.py::test_permissions_count_at_the_next_request"
    ),
    "P34 a new user gets a mail and the access given": (
        "organizations/test_users.py::test_a_new_user_gets_a_mail_and_the_access_that_was_given"
    ),
    "P35 access by location": (
        "channels/test_listings.py::test_a_location_outside_the_agreement_is_refused"
    ),
    "P36 safe, regulated, traceable, accountable": (
        "journeys/test_aims.py::test_a_partners_booking_is_safe_regulated_traceable_and_accountable"
    ),
    "T1 the menu and its page": (
        "web/provider/test_traffic_channels.py::test_the_table_shows_examinations_and_partners"
    ),
    "T2 examinations by channels": (
        "channels/test_matrix.py::test_rows_are_examinations_and_columns_channels"
    ),
    "T3 the new partner stands last": (
        "channels/test_matrix.py::test_new_partners_stand_last_and_only_from_acceptance_on"
    ),
    "T4 the column comes with acceptance": (
        "web/provider/test_traffic_channels.py::test_an_invited_partner_has_no_column_yet"
    ),
    "T5 a tick opens": "web/provider/test_traffic_channels.py::test_ticks_are_saved_with_one_post",
    "T6 no tick closes": "channels/test_listings.py::test_unticking_revokes_at_once",
    "T7 only what is authorized": (
        "bookings/test_book_slot.py::test_refuses_a_service_that_is_not_ticked"
    ),
    "T8 by institution": (
        "channels/test_undo_and_copy.py::test_copying_to_another_location_is_by_service"
    ),
    "T14 bookings on what is closed": (
        "web/provider/test_traffic_channels.py::"
        "test_bookings_on_what_is_closed_are_listed_and_kept_or_cancelled"
    ),
    "B1 the menu": (
        "web/partner/test_cockpit.py::test_three_letters_find_one_service_at_two_institutions"
    ),
    "B2 everything at first": (
        "web/partner/test_show_calendars.py::test_all_are_ticked_at_first_and_unticking_narrows"
    ),
    "B3 institution, doctor, service": "bookings/test_find_slots.py::test_filters_narrow",
    "B4 show calendars": (
        "web/partner/test_show_calendars.py::"
        "test_free_taken_and_own_are_told_apart_and_strangers_never_show"
    ),
    "B5 choose a free interval": (
        "web/partner/test_show_calendars.py::test_hold_name_the_person_and_confirm"
    ),
    "B6 taken": (
        "web/partner/test_show_calendars.py::"
        "test_free_taken_and_own_are_told_apart_and_strangers_never_show"
    ),
    "B7 modify": "bookings/test_changes.py::test_moving_keeps_identity_price_and_commission",
    "B8 delete": "bookings/test_changes.py::test_cancelling_frees_the_time_at_once",
    "B9 the booking carries its source": (
        "bookings/test_book_slot.py::"
        "test_a_partner_books_and_the_source_price_and_commission_are_frozen"
    ),
    "B10 the patient by search or typed": (
        "web/partner/test_cockpit.py::test_search_level_shows_masked_hits_and_books_the_chosen_one"
    ),
    "B11 the payment state": (
        "bookings/test_book_slot.py::test_payment_at_the_partner_marks_the_booking_paid_there"
    ),
    "B12 permitted users only": "web/partner/test_cockpit.py::test_who_may_not_book_gets_404",
    "B13 checked again when saved": (
        "bookings/test_book_slot.py::test_the_second_booker_is_told_and_offered_three_times"
    ),
    "R1 in the general statistics": (
        "web/provider/test_statistics.py::"
        "test_the_partner_is_a_source_and_its_commission_counts_visits_that_took_place"
    ),
    "R2 the column Booking source": (
        "web/provider/test_statistics.py::"
        "test_the_partner_is_a_source_and_its_commission_counts_visits_that_took_place"
    ),
    "R3 bookings sent by partners": (
        "web/provider/test_statistics.py::test_only_what_partners_sent"
    ),
    "R4 Statistics sent to partner": (
        "web/provider/test_partner_statistics.py::"
        "test_the_list_has_the_partners_bookings_with_details_and_is_logged"
    ),
    "R5 by period": (
        "web/provider/test_partner_statistics.py::"
        "test_the_list_has_the_partners_bookings_with_details_and_is_logged"
    ),
    "R6 with details": (
        "web/provider/test_partner_statistics.py::"
        "test_the_list_has_the_partners_bookings_with_details_and_is_logged"
    ),
    "R7 cancelled from the report": (
        "web/provider/test_partner_statistics.py::"
        "test_cancelling_from_the_report_tells_partner_and_client"
    ),
    "R8 commission by itself": "billing/test_statements.py::test_the_month_adds_up_with_both_rates",
    "R9 cancelled and no-show": (
        "billing/test_statements.py::test_the_month_adds_up_with_both_rates"
    ),
}
WANTED = [
    *(f"P{n}" for n in range(1, 37)),
    *(f"T{n}" for n in (*range(1, 9), 14)),
    *(f"B{n}" for n in range(1, 14)),
    *(f"R{n}" for n in range(1, 10)),
]


@cache
def named_in(path: str) -> dict[str, tuple[str, int]]:
    """The file's tests: docstring, and how many assertions or expected refusals each has."""
    found = {}
    for node in ast.parse((TESTS / path).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            checks = sum(
                isinstance(x, ast.Assert) or (isinstance(x, ast.Attribute) and x.attr == "raises")
                for x in ast.walk(node)
            )
            found[node.name] = (ast.get_docstring(node) or "", checks)
    return found


def test_no_requirement_is_without_a_proof():
    """All ids, each once, in the checklist's order."""
    assert [words.split()[0] for words in PROOFS] == WANTED


@pytest.mark.parametrize("words", PROOFS)
def test_the_proof_is_there_and_names_its_requirement(words):
    """The test exists, asserts something, and its docstring names the id."""
    path, name = PROOFS[words].split("::")
    docstring, checks = named_in(path)[name]
    ident = words.split()[0]
    assert re.search(rf"\b{ident}\b", docstring), f"{name} does not name {ident}"
    assert checks, f"{name} asserts nothing"
