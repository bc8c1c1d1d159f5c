"""The Russian pages say what the English ones say. Whoever changes one must change the other."""

import re
from collections import Counter

import pytest

from handwriting.shipped import PROJECT

ENGLISH, RUSSIAN = ".md", ".ru.md"
THOUSANDS = {ENGLISH: ",", RUSSIAN: "[ \N{NO-BREAK SPACE}]"}  # English has 276,810, Russian has 276 810
DECIMAL = {ENGLISH: r"\.", RUSSIAN: ","}
both_pages = pytest.mark.parametrize("page", ["README", "README-layers"])
every_file = pytest.mark.parametrize(
    "file", [page + language for page in ("README", "README-layers") for language in (ENGLISH, RUSSIAN)]
)


def read(file: str) -> str:
    return (PROJECT / file).read_text(encoding="utf-8")


def code_blocks(text: str) -> list[str]:
    return re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)


def without_code_blocks(text: str) -> str:
    for block in code_blocks(text):
        text = text.replace(block, "")
    return text


def inline_code(text: str) -> list[str]:
    return sorted(re.findall(r"`([^`]+)`", text))


def words(text: str) -> str:
    """The text without code and without the targets of links."""
    return re.sub(r"`[^`]+`", "", re.sub(r"\]\([^)]+\)", "]", text))


def numbers(text: str, language: str) -> Counter:
    """How often each number is in the words, written as a program writes it: 276810, 99.65."""
    text = re.sub(rf"(?<=\d){THOUSANDS[language]}(?=\d{{3}}(?!\d))", "", words(text))
    text = re.sub(rf"(?<=\d){DECIMAL[language]}(?=\d)", ".", text)
    return Counter(re.findall(r"\d+(?:\.\d+)?", text))


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ .+", without_code_blocks(text), re.MULTILINE)


def sections(page: str) -> list[tuple[str, str]]:
    """The sections of the English page, each with the same section of the Russian page."""
    pages = [without_code_blocks(read(page + language)) for language in (ENGLISH, RUSSIAN)]
    return list(zip(*(re.split(r"^(?=#+ )", text, flags=re.MULTILINE) for text in pages), strict=True))


def tables(text: str) -> list[list[list[str]]]:
    """The rows of each table, as cells."""
    found = re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE)
    return [[row.strip("|").split("|") for row in table.splitlines()] for table in found]


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", text)


def links_in_any_language(file: str) -> list[str]:
    """The links of a page. Links to a page's own headings have the heading's number."""
    text = read(file)
    numbered = {f"#{anchor(heading)}": f"#{number}" for number, heading in enumerate(headings(text))}
    return sorted(numbered.get(link, link.replace(RUSSIAN, ENGLISH)) for link in links(text))


@both_pages
def test_the_code_blocks_are_the_same(page):
    assert code_blocks(read(page + RUSSIAN)) == code_blocks(read(page + ENGLISH))


@both_pages
def test_each_section_has_the_same_inline_code(page):
    for english, russian in sections(page):
        assert set(inline_code(russian)) == set(inline_code(english))


@both_pages
def test_the_tables_have_the_same_rows_figures_and_code(page):
    english_tables, russian_tables = (tables(read(page + language)) for language in (ENGLISH, RUSSIAN))
    assert english_tables
    for english_rows, russian_rows in zip(english_tables, russian_tables, strict=True):
        for english_row, russian_row in zip(english_rows, russian_rows, strict=True):
            for english, russian in zip(english_row, russian_row, strict=True):
                assert numbers(russian, RUSSIAN) == numbers(english, ENGLISH), russian_row
                assert inline_code(russian) == inline_code(english), russian_row


@both_pages
def test_the_headings_have_the_same_levels_and_code(page):
    english, russian = (
        [(heading.split()[0], inline_code(heading)) for heading in headings(read(page + language))]
        for language in (ENGLISH, RUSSIAN)
    )
    assert russian == english


@both_pages
def test_the_images_are_the_same(page):
    english, russian = (
        re.findall(r"!\[[^]]+\]\(([^)]+)\)", read(page + language)) for language in (ENGLISH, RUSSIAN)
    )
    assert russian == english


@both_pages
def test_the_links_are_the_same(page):
    assert links_in_any_language(page + RUSSIAN) == links_in_any_language(page + ENGLISH)


@both_pages
def test_each_section_has_the_same_figures(page):
    for english, russian in sections(page):
        assert numbers(russian, RUSSIAN) == numbers(english, ENGLISH), russian


@every_file
def test_linked_files_and_anchors_exist(file):
    for link in links(read(file)):
        target, _, wanted = link.partition("#")
        assert (PROJECT / target).exists(), link
        if wanted:
            assert wanted in map(anchor, headings(read(target or file))), link


@both_pages
def test_the_russian_page_is_in_russian(page):
    text = words(without_code_blocks(read(page + RUSSIAN)))
    for paragraph in re.split(r"\n\s*\n|\n(?=- |\|)", text):
        letters = "".join(filter(str.isalpha, paragraph))
        assert len(letters) <= 60 or len(re.findall("[а-яё]", letters.lower())) > len(letters) / 2, paragraph


@both_pages
def test_each_page_links_to_the_other_language(page):
    assert page + RUSSIAN in links(read(page + ENGLISH))
    assert page + ENGLISH in links(read(page + RUSSIAN))
