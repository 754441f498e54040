"""Details of a request as people write them in their own languages."""

import pytest

from actions.extraction.extractor import Extractor
from tests.dialogue import extractor


def in_language(code: str) -> Extractor:
    return extractor().in_language(code)


@pytest.mark.parametrize(
    ("code", "text", "patient"),
    [
        ("es", "es para mi mamá, ya no sabemos qué hacer", "my mother"),
        ("es", "mi suegro", "my father-in-law"),
        ("pt", "meu filho", "my son"),
        ("ru", "мама", "my mother"),
        ("zh", "我爸爸", "my father"),
        ("zh", "是我外孙女", "my granddaughter"),
        ("ar", "لأمي", "my mother"),
        ("ar", "ابني", "my son"),
        ("es", "my uncle", "my uncle"),
    ],
)
def test_who_is_ill(code: str, text: str, patient: str) -> None:
    assert in_language(code).details(text).patient == patient


@pytest.mark.parametrize(
    ("code", "text", "condition"),
    [
        ("es", "tiene leucemia mieloide aguda", "AML"),
        ("es", "LLA", "ALL"),
        ("pt", "linfoma", "lymphoma"),
        ("ru", "множественная миелома", "multiple myeloma"),
        ("zh", "急性髓系白血病", "AML"),
        ("zh", "我妈得了淋巴瘤", "lymphoma"),
        ("es", "diagnosed with AML", "AML"),
    ],
)
def test_which_disease(code: str, text: str, condition: str) -> None:
    assert in_language(code).people.disease(text) == condition


def test_a_disease_in_a_question_is_nobodys() -> None:
    assert in_language("es").details("¿la leucemia se cura?").condition is None
    assert in_language("zh").details("白血病能治好吗\uff1f").condition is None
    assert in_language("es").details("mi hijo tiene leucemia").condition == "leukemia"


@pytest.mark.parametrize(
    ("code", "text", "country"),
    [
        ("es", "Perú", "Peru"),
        ("es", "peru", "Peru"),
        ("es", "Estados Unidos", "United States"),
        ("pt", "Brasil", "Brazil"),
        ("ru", "Казахстан", "Kazakhstan"),
        ("ru", "из Казахстана", "Kazakhstan"),
        ("ru", "США", "United States"),
        ("zh", "马来西亚", "Malaysia"),
        ("zh", "台湾", "Taiwan"),
        ("ar", "السعودية", "Saudi Arabia"),
        ("ar", "مصر", "Egypt"),
        ("fr", "Côte d’Ivoire", "Côte d'Ivoire"),
        ("fr", "Algerie", "Algeria"),
        ("es", "Peru, from Lima", "Peru"),
    ],
)
def test_which_country_as_an_answer(code: str, text: str, country: str) -> None:
    assert in_language(code).people.place(text) == country


@pytest.mark.parametrize(
    ("code", "text", "country"),
    [
        ("es", "soy de México y quiero ir a China", "Mexico"),
        ("es", "quiero ir a China", None),
        ("pt", "moro em Angola com minha família", "Angola"),
        ("ru", "мы из Узбекистана, хотим лечиться в Китае", "Uzbekistan"),
        ("zh", "我来自新加坡\uff0c想去中国治疗", "Singapore"),
        ("ar", "أنا من العراق وأريد العلاج في الصين", "Iraq"),
    ],
)
def test_where_somebody_says_to_live_and_not_where_they_want_to_go(code: str, text: str, country: str | None) -> None:
    assert in_language(code).details(text).country == country


@pytest.mark.parametrize(
    ("code", "text", "name"),
    [
        ("es", "me llamo María Quispe y vivo en Perú", "María Quispe"),
        ("es", "hola, me llamo juan carlos", "Juan Carlos"),
        ("pt", "meu nome é João da Silva", "João"),
        ("ru", "меня зовут Айгерим Нурланова", "Айгерим Нурланова"),
        ("zh", "我叫王小明\uff0c我爸爸得了白血病", "王小明"),
        ("ar", "اسمي فاطمة", "فاطمة"),
        ("es", "my name is Anna", "Anna"),
    ],
)
def test_how_somebody_is_called(code: str, text: str, name: str) -> None:
    assert in_language(code).details(text).name == name


@pytest.mark.parametrize(
    ("code", "yes", "no"),
    [
        ("es", "Sí, claro.", "no, gracias"),
        ("pt", "sim", "não"),
        ("ru", "да", "нет"),
        ("zh", "好的", "不同意"),
        ("ar", "نعم", "لا"),
        ("es", "yes please", "no thanks"),
    ],
)
def test_yes_and_no(code: str, yes: str, no: str) -> None:
    people = in_language(code).people
    assert (people.is_yes(yes), people.is_no(yes)) == (True, False)
    assert (people.is_yes(no), people.is_no(no)) == (False, True)


@pytest.mark.parametrize(
    ("code", "stop", "person"),
    [
        ("es", "quiero cancelar todo", "quiero hablar con una persona"),
        ("zh", "我想取消申请", "我要找人工"),
        ("ru", "отмените мою заявку", "позовите человека"),
        ("ar", "أريد إلغاء الطلب", "أريد التحدث مع شخص"),
    ],
)
def test_words_that_stop_and_words_for_a_person(code: str, stop: str, person: str) -> None:
    people = in_language(code).people
    assert (people.says_stop(stop), people.says_stop(person)) == (True, False)
    assert (people.says_person(stop), people.says_person(person)) == (False, True)


def test_a_language_without_words_is_read_as_english() -> None:
    assert in_language("it").details("my mother").patient == "my mother"
    assert extractor().in_language("en") is extractor()
    assert extractor().in_language(None) is extractor()


def test_the_words_of_a_language_are_read_once() -> None:
    assert in_language("es") is in_language("es")
