"""Generated households for the demo and the tests: their quarter-hours, and the feed file a head-end would send.

`model.py` draws the households, `weather.py` and `shapes.py` say what moves them, `loads.py` makes a month of
quarter-hours of one, `feed.py` writes the lines. Everything follows from the seed; a day is the same whichever
range it was asked in.
"""

from gridhall.simulators.households.feed import day_rows, district_lines, feed_lines
from gridhall.simulators.households.loads import FIRST_DAY
from gridhall.simulators.households.model import Household, households

__all__ = ["FIRST_DAY", "Household", "day_rows", "district_lines", "feed_lines", "households"]
