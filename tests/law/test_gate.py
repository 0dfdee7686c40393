"""What the law allows: purpose x channel x country x kind of person (domain.md P1 to P26)."""

from datetime import date, datetime

import pytest

from engine.law.gate import Consent, Facts, choose_channel, decide

NOW = datetime(2026, 3, 2, 9)
ALL = dict.fromkeys(("email", "sms", "phone", "letter", "messenger"), "x")


def agreed(channel, ground="explicit", **more):
    known = {"documented": True, "confirmed": True, "last_used": date(2026, 1, 1), "soft_complete": ground == "soft_opt_in"} | more
    return Consent(channel, ground, **known)


def may(channel="email", purpose="advertising", fact=False, **facts):
    return decide(Facts(1, **({"addresses": ALL} | facts)), purpose, channel, NOW, fact=fact)


@pytest.mark.parametrize("country", ["DE", "AT", "CH"])
@pytest.mark.parametrize("business", [False, True])
def test_p1_p7_p8_electronic_advertising_needs_consent_everywhere(country, business):
    for channel in ("email", "sms", "messenger"):
        assert may(channel, country=country, business=business).code == f"no_{channel}_consent"
        assert may(channel, country=country, business=business, consents=(agreed(channel),)).allowed


def test_p2_soft_opt_in_needs_all_four_facts_and_reaches_neither_phone_nor_messenger():
    assert may(consents=(agreed("email", "soft_opt_in"),)).allowed
    assert not may(consents=(agreed("email", "soft_opt_in", soft_complete=False),)).allowed
    assert not may(consents=(agreed("email", "soft_opt_in"),), objections=("email",)).allowed
    for channel in ("phone", "messenger"):
        assert not may(channel, consents=(agreed(channel, "soft_opt_in"),)).allowed


@pytest.mark.parametrize(("country", "business", "presumed_is_enough"), [("DE", False, False), ("DE", True, True), ("AT", True, False), ("CH", True, True)])
def test_p4_p7_p9_calls(country, business, presumed_is_enough):
    found = may("phone", country=country, business=business, consents=(agreed("phone", "presumed"),))
    assert found.allowed == presumed_is_enough
    assert not may("phone", country=country, business=business).allowed
    assert may("phone", country=country, business=business, consents=(agreed("phone"),)).allowed


def test_p10_letters_go_unless_objected():
    assert may("letter").allowed
    assert may("letter", objections=("email",)).allowed
    assert may("letter", objections=(None,)).code == "objected"


def test_p13_a_service_without_its_fact_is_advertising():
    assert not may(purpose="service").allowed
    assert may(purpose="service", fact=True).allowed


def test_p15_p16_safety_and_service_ignore_blocks_but_not_death_or_a_missing_address():
    blocked = {"objections": (None,), "suppressed": frozenset({"email"})}
    assert may(purpose="safety", **blocked).allowed
    assert may(purpose="service", fact=True, **blocked).allowed
    assert may(purpose="safety", deceased=True).code == "deceased"
    assert may(purpose="safety", addresses={}).code == "no_address"


def test_p18_undocumented_consent_does_not_count():
    assert not may(consents=(agreed("email", documented=False),)).allowed


def test_p19_an_e_mail_needs_the_second_step_a_phone_does_not():
    assert not may(consents=(agreed("email", confirmed=False),)).allowed
    assert may("phone", consents=(agreed("phone", confirmed=False),)).allowed


def test_p20_consent_for_e_mail_proves_nothing_for_the_phone():
    assert not may("phone", consents=(agreed("email"),)).allowed


@pytest.mark.parametrize(("used", "counts"), [(date(2024, 4, 1), True), (date(2024, 2, 1), False), (None, False)])
def test_p22_consent_unused_for_24_months_is_to_be_renewed(used, counts):
    assert may(consents=(agreed("email", last_used=used),)).allowed == counts


def test_p25_an_objection_outweighs_consent_on_its_channels():
    assert may(consents=(agreed("email"),), objections=("email",)).code == "objected"
    assert may(consents=(agreed("email"),), objections=(None,)).code == "objected"
    assert may(consents=(agreed("email"),), objections=("phone",)).allowed


def test_an_unknown_country_gets_the_strictest_law():
    assert not may("letter", country="FR").allowed


def test_an_internal_purpose_never_reaches_the_customer():
    assert may(purpose="internal").code == "internal"


def test_the_first_allowed_channel_is_taken_and_the_refusals_say_why():
    known = Facts(1, addresses={"email": "a@b.de", "letter": "x"})
    channel, refused = choose_channel(known, "advertising", ["email", "sms", "letter"], NOW)
    assert channel == "letter"
    assert [name for name, _ in refused] == ["email", "sms"]
    assert "§ 7" in refused[0][1].text()


def test_p16_suspended_advertising_is_refused_and_nothing_else():
    assert may("letter", suspended=True).code == "suspended"
    assert may(consents=(agreed("email"),), suspended=True).text("en") == "advertising is suspended"
    assert may("letter", objections=(None,), suspended=True).code == "objected"
    assert may(purpose="service", fact=True, suspended=True).allowed
    assert may(purpose="safety", suspended=True).allowed
    assert not may("letter", suspended=True, purpose="service").allowed
