"""A made-up district of any size, from a seed: streets, houses, grids, people, tasks, tracks and photos."""

from geodata.sample.district import SampleDistrict, make_district
from geodata.sample.people import Person, Unit
from geodata.sample.photos import draw_photo
from geodata.sample.tasks import CategoryWeight, make_tasks
from geodata.sample.tracks import make_tracks

__all__ = [
    "CategoryWeight",
    "Person",
    "SampleDistrict",
    "Unit",
    "draw_photo",
    "make_district",
    "make_tasks",
    "make_tracks",
]
