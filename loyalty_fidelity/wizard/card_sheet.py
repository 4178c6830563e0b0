"""Cards and labels drawn on paper: a name, a symbol with its number, the member's name."""

import io
from dataclasses import dataclass
from pathlib import Path

import barcode
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ..models.card_symbol import QUIET, modules, runs

A4 = (210, 297)
WIDE_FONT = "LoyaltyFidelityWide"
#: A scanner reads bars from 0.2 mm on; wider than 0.5 mm is a poster.
THINNEST_MM, WIDEST_MM = 0.19, 0.5


@dataclass(frozen=True)
class Layout:
    """One page: its size, that of a label, and how many there are; in millimetres."""

    page: tuple[float, float]
    label: tuple[float, float]
    columns: int
    rows: int


def layout(kind, width=0, height=0):
    """The layout of a kind: ``a4_24`` (3 × 8 labels), ``card`` (one card of 85.6 × 54 mm a page), ``a4_cards`` (2 × 5
    cards), ``own`` (one label of that size a page).
    """
    if kind == "a4_24":
        return Layout(A4, (70, 37), 3, 8)
    if kind == "a4_cards":
        return Layout(A4, (85.6, 54), 2, 5)
    size = (85.6, 54) if kind == "card" else (width, height)
    return Layout(size, size, 1, 1)


def module_mm(symbology, number, width):
    """The width of the thinnest bar in a label of a width, in millimetres."""
    return min(WIDEST_MM, (width - 4) / (len(modules(symbology, number)) + 2 * QUIET))


def draw(cards, page):
    """Draw cards, label by label from the top left.

    :param cards: dicts with ``title``, ``symbology``, ``number``, ``text`` (the number as printed, or empty) and ``name``
    :param page: a :class:`Layout`
    :return: bytes of a PDF
    """
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(page.page[0] * mm, page.page[1] * mm))
    width, height = page.label
    left = (page.page[0] - page.columns * width) / 2
    top = (page.page[1] - page.rows * height) / 2
    per_page = page.columns * page.rows
    for index, card in enumerate(cards):
        place = index % per_page
        if index and not place:
            canvas.showPage()
        x = left + place % page.columns * width
        y = page.page[1] - top - (place // page.columns + 1) * height
        _draw_one(canvas, card, x, y, width, height)
    canvas.save()
    return stream.getvalue()


def _draw_one(canvas, card, x, y, width, height):
    unit = module_mm(card["symbology"], card["number"], width)
    bars = modules(card["symbology"], card["number"])
    text = max(2.2, min(4, height / 11))
    middle = x + width / 2
    high = y + height - 2 - text
    if card["title"]:
        _write(canvas, card["title"], middle, high, text, width)
        high -= 1.2
    low = y + 2.5
    if card["name"]:
        _write(canvas, card["name"], middle, low, text * 0.85, width)
        low += text + 0.6
    if card["text"]:
        _write(canvas, card["text"], middle, low, text * 0.8, width)
        low += text
    start = middle - (len(bars) + 2 * QUIET) * unit / 2
    tall = min(high - low, 40)
    for place, count in runs(bars):
        canvas.rect((start + place * unit) * mm, (high - tall) * mm, count * unit * mm, tall * mm, stroke=0, fill=1)


def _write(canvas, text, middle, y, size, width):
    """Write a line in the middle, smaller where it is too long."""
    font = _font_of(text)
    points = size * mm
    room = (width - 4) * mm
    points *= min(1, room / max(1, pdfmetrics.stringWidth(text, font, points)))
    canvas.setFont(font, points)
    canvas.drawCentredString(middle * mm, y * mm, text)


def _font_of(text):
    """A font that has the letters: the plain one for western ones, else the one that comes with python-barcode."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        if WIDE_FONT not in pdfmetrics.getRegisteredFontNames():
            path = Path(barcode.__file__).parent / "fonts" / "DejaVuSansMono.ttf"
            pdfmetrics.registerFont(TTFont(WIDE_FONT, str(path)))
        return WIDE_FONT
    return "Helvetica"
