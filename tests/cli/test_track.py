"""`gridapp track import` as a script meets it: files of devices, stored once, each lost point named."""

from sqlalchemy import text

from gridapp.db import session
from tests.support.command import gridapp_here as gridapp
from tests.support.world import SOUTH, WEST

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="{lat}" lon="{lon}"><time>2026-03-02T01:00:00Z</time></trkpt>
<trkpt lat="{lat}" lon="{lon}"></trkpt>
<trkpt lat="{lat}" lon="{lon}"><time>2026-03-02T01:01:00Z</time></trkpt>
</trkseg></trk></gpx>
"""


def positions(app):
    with app.app_context():
        return session.scalar(text("select count(*) from position"))


def test_tracks_become_positions_of_a_person_once(live_app, tmp_path):
    (tmp_path / "monday.gpx").write_text(GPX.format(lon=WEST, lat=SOUTH))
    (tmp_path / "tuesday.csv").write_text(f"at,lon,lat\n2026-03-03T09:00:00+08:00,{WEST},{SOUTH}\n")
    words = ("track", "import", tmp_path / "monday.gpx", tmp_path / "tuesday.csv", "--json", "--person")
    before = positions(live_app)
    ran = gridapp(live_app, *words, "worker_a", terminal=True)
    assert (ran.status, positions(live_app)) == (1, before + 3), ran.err
    assert "Importing  [" in ran.err and "100%" in ran.err
    told = {name: ran.document[name] for name in ("files", "points", "stored", "duplicate")}
    assert told == {"files": 2, "points": 4, "stored": 3, "duplicate": 0}
    assert ran.document["refused"] == [{"file": "monday.gpx", "row": 2, "reason": "it has no time"}]
    again = gridapp(live_app, *words, "worker_a")
    assert (again.document["stored"], again.document["duplicate"], positions(live_app)) == (0, 3, before + 3)
    nobody = gridapp(live_app, *words, "worker_z")
    assert (nobody.status, nobody.out, positions(live_app)) == (2, "", before + 3)
    assert nobody.err.startswith("Error: person: ")
