"""Numbers as people type and paste them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.typed import NotANumber, parse_number

D = Decimal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        (" 12.50 ", "12.50"),
        ("-0.3", "-0.3"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "0"),
        ("1,234,567.89", "1234567.89"),
        ("1 234 567", "1234567"),
        ("\u30001\u00a0234.5\u3000", "1234.5"),
        ("１２，３４５．６７", "12345.67"),
        ("－８", "-8"),
        ("−8", "-8"),
        ("000000000000000000000012", "12"),
        ("999999999999999999.99", "999999999999999999.99"),
    ],
)
def test_numbers_as_people_type_them(text, value):
    parsed = parse_number(text)
    assert parsed == D(value)
    assert not parsed.is_signed() or parsed < 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  \u3000", "empty"),
        ("NaN", "not_finite"),
        ("sNaN", "not_finite"),
        ("Infinity", "not_finite"),
        ("-inf", "not_finite"),
        ("1e400", "exponent"),
        ("1.5E+08", "exponent"),
        ("5%", "percent"),
        ("５％", "percent"),
        ("1,23", "grouping"),
        ("1,2345", "grouping"),
        ("1,234 567", "grouping"),
        ("12 5", "grouping"),
        ("12345678901234567890", "too_long"),
        ("1234567890123456789", "too_long"),
        ("1" * 10_000, "too_long"),
        ("abc", "not_a_number"),
        ("=1+1", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("--1", "not_a_number"),
        ("1_000", "not_a_number"),
        ("5²", "not_a_number"),
        ("①", "not_a_number"),
        ("٣", "not_a_number"),
        ("十二", "not_a_number"),
    ],
)
def test_what_is_no_number_says_why(text, code):
    with pytest.raises(NotANumber) as caught:
        parse_number(text)
    assert caught.value.code == code


@given(st.decimals(-(10**17), 10**17, places=4))
def test_a_number_survives_being_written_and_read(value):
    assert parse_number(f"{value:f}") == parse_number(f"{value:,f}") == value


@given(st.text(max_size=80))
def test_any_text_is_a_number_or_says_why_not(text):
    try:
        number = parse_number(text)
    except NotANumber as error:
        number, code = None, error.code
    assert code if number is None else number.is_finite()
