"""Times Swiss Ephemeris through its Python binding: prints microseconds of processor time per chart, in random order
and by date. A chart here is what the library gives: twelve bodies with speeds, angles and the cusps of Placidus."""

import random
import sys
import time

import swisseph

CHARTS, BODIES = 2000, range(12)


def main(files):
    swisseph.set_ephe_path(files)
    flags = swisseph.FLG_SWIEPH | swisseph.FLG_SPEED
    random.seed(1)
    events = [
        (random.uniform(2415020.5, 2469807.5), random.uniform(-60, 60), random.uniform(-180, 180))
        for _ in range(CHARTS)
    ]
    _, used = swisseph.calc_ut(events[0][0], 0, flags)
    if not used & swisseph.FLG_SWIEPH:
        sys.exit("Swiss Ephemeris has not found its files")
    print(per_chart(events, flags), per_chart(sorted(events), flags))


def per_chart(events, flags):
    began = time.thread_time()
    for jd_ut, latitude, longitude in events:
        for body in BODIES:
            swisseph.calc_ut(jd_ut, body, flags)
        swisseph.houses_ex(jd_ut, latitude, longitude, b"P")
    return (time.thread_time() - began) / len(events) * 1e6


main(sys.argv[1])
