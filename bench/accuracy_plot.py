#!/usr/bin/env python3
"""Draws docs/accuracy.svg from what the benchmark `accuracy` prints:

    build/release/bin/accuracy | bench/accuracy_plot.py > docs/accuracy.svg
"""

import csv
import math
import sys

WIDTH, HEIGHT = 760, 470
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 46, 52
X_DECADES = (-3, math.log10(2.5e7))
Y_DECADES = (-10, 0)

# column, label, colour, width, where the label stands (metres, metres)
SERIES = [
    ("geographiclib", "GeographicLib in doubles", "#9a9a9a", 1.2, (1e-2, 4e-10)),
    ("one_point", "one-point arc", "#d1641b", 1.6, (1.9e4, 1.5e-3)),
    ("two_points", "two-point arc", "#2a8a4a", 1.6, (1.15e6, 2.2e-4)),
    ("series", "series", "#8a5bb5", 1.6, (1.9e7, 1e-5)),
    ("spheroid", "what crowfly reports", "#1f5fbf", 2.4, (1e-2, 8.5e-10)),
]
TOLERANCE_LABEL = "the promise: 1e-8 m + 1e-12 of the distance"


def x_of(metres):
    low, high = X_DECADES
    return LEFT + (math.log10(metres) - low) / (high - low) * (WIDTH - LEFT - RIGHT)


def y_of(metres):
    low, high = Y_DECADES
    return HEIGHT - BOTTOM - (math.log10(metres) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def line(points, colour, width, dash=""):
    path = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"'
            f' stroke-linejoin="round" clip-path="url(#frame)"{dashes}/>')


def text(x, y, words, anchor="start", colour="#222", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{more}>{words}</text>'


def length(decade):
    names = {
        -10: "0.1 nm", -9: "1 nm", -8: "10 nm", -7: "0.1 µm", -6: "1 µm", -5: "10 µm", -4: "0.1 mm",
        -3: "1 mm", -2: "1 cm", -1: "10 cm", 0: "1 m", 1: "10 m", 2: "100 m", 3: "1 km", 4: "10 km", 5: "100 km",
        6: "1000 km", 7: "10,000 km",
    }
    return names[decade]


def grid():
    for decade in range(math.ceil(X_DECADES[0]), math.floor(X_DECADES[1]) + 1):
        x = x_of(10.0**decade)
        yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e4e4e4"/>'
        yield text(x, HEIGHT - BOTTOM + 17, length(decade), "middle")
    for decade in range(Y_DECADES[0], Y_DECADES[1] + 1):
        y = y_of(10.0**decade)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e4e4e4"/>'
        yield text(LEFT - 7, y + 4, length(decade), "end")


def axes():
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "distance", "middle")
    middle = (TOP + HEIGHT - BOTTOM) / 2
    yield text(14, middle, "largest error seen", "middle", more=f' transform="rotate(-90 14 {middle:.1f})"')
    yield text(LEFT, 24, "Distances on the WGS84 spheroid: error by distance", more=' font-size="15"')
    yield (f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}"'
           ' fill="none" stroke="#888"/>')


def curves(rows):
    for column, label, colour, width, (x, y) in SERIES:
        points = [(float(row["distance"]), float(row[column])) for row in rows if row[column]]
        yield line(points, colour, width)
        yield text(x_of(x), y_of(y), label, colour=colour)
    ends = [10 ** (X_DECADES[0] + i * (math.log10(2.0004e7) - X_DECADES[0]) / 60) for i in range(61)]
    yield line([(x, 1e-8 + 1e-12 * x) for x in ends], "#222", 1.2, "5 4")
    yield text(x_of(1e-2), y_of(1.5e-8), TOLERANCE_LABEL)


def main():
    rows = list(csv.DictReader(sys.stdin))
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
          f' height="{HEIGHT}" font-family="sans-serif" font-size="12">')
    print(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>')
    print(f'<clipPath id="frame"><rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}"'
          f' height="{HEIGHT - TOP - BOTTOM}"/></clipPath>')
    for part in (*grid(), *curves(rows), *axes()):
        print(part)
    print("</svg>")


if __name__ == "__main__":
    main()
