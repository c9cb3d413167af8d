"""A company's colour on the page: as it was chosen where text in it can be read, else as near to it as that goes."""

Rgb = tuple[int, int, int]

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
STEPS = 50
BLACK, WHITE = (0, 0, 0), (255, 255, 255)

# The grounds of static/shared/base.css on which text of the colour stands, of which these are the hardest.
LIGHT_GROUND = (0xE8, 0xEE, 0xFC)
DARK_GROUND = (0x24, 0x31, 0x4D)


# What stands there for a page without a colour.
OURS = ("#1d4ed8", "#8fb2ff")


def stylesheet(color: str) -> str:
    """CSS that sets the colour of links and buttons; `color` has six hexadecimal digits."""
    light, dark = shown(color)
    return f":root {{ --accent: {light}; }}\n@media (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; }} }}\n"


def shown(color: str) -> tuple[str, str]:
    """What becomes of a colour on light and on dark ground."""
    chosen = (int(color[:2], 16), int(color[2:4], 16), int(color[4:], 16))
    return _hex(readable(chosen, LIGHT_GROUND, BLACK)), _hex(readable(chosen, DARK_GROUND, WHITE))


def readable(color: Rgb, ground: Rgb, towards: Rgb) -> Rgb:
    """The colour itself, or the first on the way to black or white that can be read on a ground."""
    for step in range(STEPS + 1):
        red, green, blue = (round(a + (b - a) * step / STEPS) for a, b in zip(color, towards, strict=True))
        if contrast((red, green, blue), ground) >= LEAST_CONTRAST:
            return (red, green, blue)
    return towards


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Rgb) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _shares(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _shares(color: Rgb) -> list[float]:
    return [part / 255 for part in color]


def _hex(color: Rgb) -> str:
    return "#" + bytes(color).hex()
