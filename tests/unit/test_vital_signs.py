import pytest
from spacy.tokens import Doc

from bot.nlu.safety.rules import RuleMatcher
from bot.nlu.safety.vital_signs import fever, low_blood_pressure, low_oxygen

READER = RuleMatcher([])


def read(text: str) -> Doc:
    return READER.read(text)


@pytest.mark.parametrize(
    ("text", "celsius"),
    [
        ("temperature is 38.0", 38.0),
        ("38.5C", 38.5),
        ("38.5 °C", 38.5),
        ("38,5°C since this morning", 38.5),
        ("Fever 38°", 38.0),
        ("fever of 40", 40.0),
        ("39 degrees", 39.0),
        ("temp: 39.5", 39.5),
        ("she spiked 39.5 last night", 39.5),
        ("his temp is 100.4", 38.0),
        ("temp 102F", 38.9),
        ("101 F", 38.3),
        ("101,3F", 38.5),
        ("103 fever", 39.4),
    ],
)
def test_a_fever_is_read_in_celsius_and_fahrenheit(text: str, celsius: float) -> None:
    assert fever(read(text)) == celsius


@pytest.mark.parametrize(
    ("text", "celsius"), [("39", 39.0), ("39.2", 39.2), ("39,2", 39.2), ("102.4", 39.1), ("he has 39", 39.0)]
)
def test_a_bare_number_that_can_be_a_fever_is_one(text: str, celsius: float) -> None:
    assert fever(read(text)) == celsius


def test_of_several_temperatures_the_highest_counts() -> None:
    assert fever(read("38.2 at noon and 39.4 now, 37.0 yesterday")) == 39.4


@pytest.mark.parametrize("text", ["temperature is 37.2", "37.9", "100.3 F", "temp 99.5", "44.0", "111 F", "fever?"])
def test_other_temperatures_are_no_fever(text: str) -> None:
    assert fever(read(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "age 39",
        "I am 39 years old",
        "39yo woman",
        "39 yo",
        "my dad is 40",
        "on day 40",
        "it takes 40 days",
        "40 weeks",
        "$40",
        "€40",
        "40 dollars",
        "40%",
        "40 %",
        "40 patients in 40 hospitals",
        "38.5 kg",
        "platelets 40",
        "crp 105",
        "hb 38",
        "ferritin 101",
        "creatinine 40",
        "room 101",
        "CD38",
        "2023",
        "400000",
        "call 911",
    ],
)
def test_ages_days_prices_and_lab_values_are_no_temperatures(text: str) -> None:
    assert fever(read(text)) is None


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("oxygen is 85", True),
        ("spo2 88%", True),
        ("SpO2 88 %", True),
        ("sats 91", True),
        ("oxygen saturation of 89.5", True),
        ("pulse ox says 84 %", True),
        ("o2 sat 92", False),
        ("oxygen 95", False),
        ("sat 38", False),
        ("85", False),
        ("is 85% survival good", False),
    ],
)
def test_oxygen_below_92_percent_is_low(text: str, low: bool) -> None:
    assert low_oxygen(read(text)) is low


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("bp 80/40", True),
        ("BP 88 / 50", True),
        ("blood pressure is 85 over 50", True),
        ("her pressure: 70/30", True),
        ("bp 120/80", False),
        ("blood pressure 90/60", False),
        ("bp 89/95", False),
        ("80/40", False),
        ("24/7", False),
        ("blood pressure on 10/12", False),
    ],
)
def test_a_systolic_pressure_below_90_is_low(text: str, low: bool) -> None:
    assert low_blood_pressure(read(text)) is low
