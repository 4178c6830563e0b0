"""Linear symbols of card numbers, drawn by python-barcode: as modules, and as a picture."""

import barcode

#: Height of a symbol in modules, and blank modules on each side.
HEIGHT = 36
QUIET = 11


def modules(symbology, number):
    """The bars of a symbol, from left to right.

    :param str symbology: as ``number_scheme.symbology`` names it
    :param str number: with its check digit
    :return: text of ``1`` (bar) and ``0`` (space)
    """
    # The check digits of EAN and UPC are those that the number ends in.
    text = number if symbology == "code128" else number[:-1]
    return barcode.get_barcode_class(symbology)(text).build()[0].replace("G", "1")


def svg(symbology, number):
    """A picture of a symbol with its number below.

    :return: bytes of an SVG
    """
    bars = modules(symbology, number)
    width = len(bars) + 2 * QUIET
    rectangles = "".join(f'<rect x="{x}" y="4" width="{w}" height="{HEIGHT}"/>' for x, w in runs(bars))
    text = f'<text x="{width / 2}" y="{HEIGHT + 14}" font-family="monospace" font-size="10" text-anchor="middle">{number}</text>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 18}" width="{3 * width}" height="{3 * (HEIGHT + 18)}">'
        f'<rect width="{width}" height="{HEIGHT + 18}" fill="#fff"/>{rectangles}{text}</svg>'
    ).encode()


def runs(bars):
    """Join neighbouring bars, so that no gap shows between them.

    :return: pairs (place of the first module, number of modules), places from :data:`QUIET`
    """
    found, start = [], None
    for place, bar in enumerate(bars + "0", QUIET):
        if bar == "1" and start is None:
            start = place
        elif bar == "0" and start is not None:
            found.append((start, place - start))
            start = None
    return found
