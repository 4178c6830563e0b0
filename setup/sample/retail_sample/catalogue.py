"""Products of the sample: readable names, shelves, list prices and the chain's own EAN-13 numbers. Pure Python, no Odoo."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from .documents import DISCOUNT_CODES, MANUAL_CODES, POSTAGE_CODES

SERVICE_CODES = POSTAGE_CODES | MANUAL_CODES | DISCOUNT_CODES
SERVICES = {"POST": "Postage", "DOT": "Web shop postage", "C2": "Carriage", "M": "Manual item", "D": "Discount"}
SHELVES = ("Christmas", "Lights", "Cards & wrap", "Bags", "Toys", "Garden", "Kitchen", "Other gifts", "Services")
WORDS = {
    "Christmas": "CHRISTMAS XMAS ADVENT SANTA REINDEER SNOWFLAKE SNOWMAN STOCKING BAUBLE TINSEL NATIVITY SLEIGH MISTLETOE",
    "Lights": "LIGHT LIGHTS T-LIGHT LANTERN LANTERNS CANDLE CANDLES LAMP NIGHTLIGHT LAMPSHADE CANDLEHOLDER CANDLESTICK T-LIGHTS",
    "Cards & wrap": "CARD CARDS WRAP RIBBON RIBBONS GIFT-WRAP TISSUE ENVELOPE PAPER STICKER STICKERS NOTEBOOK STAMP JOURNAL PENCIL "
    "PENCILS TAPE TAGS TAG CHALK PEN PENS",
    "Bags": "BAG BAGS SHOPPER PURSE RUCKSACK BACKPACK TOTE WASHBAG HOLDALL",
    "Toys": "TOY TOYS GAME PUZZLE DOLL DOLLY PLAYHOUSE SKITTLES SPACEBOY DOMINOES JIGSAW CHILDREN CHILDRENS CHILDREN'S CHILDS PAINT "
    "KITE CRAYONS PLAYING SPINNING RACING SOLDIER BINGO NOUGHTS YO-YO CIRCUS",
    "Garden": "GARDEN PLANT PLANTER WATERING PARASOL PICNIC BIRD FLOWER GARDENERS GARDENING GROW HANGING TROWEL BIRDHOUSE POTS",
    "Kitchen": "KITCHEN CUP CUPS MUG MUGS BOWL PLATE PLATES TEAPOT JUG CAKE CAKESTAND CAKES TIN TINS BAKING SPOON SPOONS LUNCH BOX "
    "JAR JARS BOTTLE APRON TEA COFFEE TRAY NAPKIN NAPKINS CUTLERY EGG EGGS MOULD MOULDS DISH PAN SCALES BREAD SUGAR RECIPE GLASS "
    "COASTER COASTERS STRAWS CASES TABLECLOTH OVEN PANTRY CUTTERS COOKIE BISCUIT SAUCER JELLY POPCORN",
}


@dataclass(frozen=True)
class Product:
    """One product: ``price`` in pence, VAT included; ``barcode`` empty for services."""

    code: str
    name: str
    shelf: str
    price: int
    barcode: str

    @property
    def is_service(self):
        """Say whether nothing is taken from a shelf."""
        return self.shelf == "Services"


def ean13(digits12):
    """Return the 12 digits with their EAN-13 check digit (GS1 General Specifications, section 7.9).

    >>> ean13("200000000001")
    '2000000000015'
    """
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits12))
    return digits12 + str(-total % 10)


def readable(description):
    """Return a description in capitals as a shelf label would write it.

    >>> readable("CHILDREN'S APRON  DOLLY GIRL ")
    "Children's Apron Dolly Girl"
    """
    words = " ".join(description.split())
    return re.sub(r"[A-Za-z]+(?:'[A-Za-z]+)?", lambda word: word[0].capitalize(), words)


def shelf_of(code, description):
    """Return the shelf of a product by the first of SHELVES that has a word of its description."""
    if code in SERVICE_CODES:
        return "Services"
    words = set(re.findall(r"[A-Z'-]+", description.upper()))
    return next((shelf for shelf, known in WORDS.items() if words & set(known.split())), "Other gifts")


def build(documents):
    """Return the products of the documents, by stock code.

    The list price is the most frequent price (ties: the lower). Barcodes start with 20, which GS1 leaves to shops for their own
    use and which Odoo's nomenclature reads as an ordinary product.
    """
    prices, descriptions = defaultdict(Counter), {}
    for document in documents:
        for line in document.lines:
            prices[line.code][line.price] += 1
            descriptions[line.code] = line.description
    products = []
    for serial, code in enumerate(sorted(descriptions), start=1):
        price = min(prices[code], key=lambda value, seen=prices[code]: (value == 0, -seen[value], value))
        shelf = shelf_of(code, descriptions[code])
        service = shelf == "Services"
        name = SERVICES[code] if service else readable(descriptions[code])
        products.append(Product(code, name, shelf, price, "" if service else ean13(f"20{serial:010d}")))
    return products
