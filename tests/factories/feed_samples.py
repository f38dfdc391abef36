"""A small delivery in every format of the feed, all of meter M1 or of names that the format makes."""

import io
import zipfile

QUARTERS = ["0.1"] * 96
TIMES = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 15)]


def wide(names: list[str], values: list[str], *, day: str = "2026-10-03", meter: str = "M1") -> str:
    """Return wide CSV of one meter-day."""
    return f"meter,day,{','.join(names)}\n{meter},{day},{','.join(values)}\n"


NEM12 = (
    "100,NEM12,202610041000,MDP1,RETAIL\n"
    "200,4103035210,E1B1,1,E1,N1,METER1,kWh,30,\n"
    f"300,20261003,{','.join(['1.5'] * 48)},A,,,20261004120000,20261004130000\n"
    "900\n"
)
NEM13 = (
    "100,NEM13,202610041000,MDP1,RETAIL\n"
    "250,1234567890,1141,01,11,11,METSER66,E,000021.2,20260901103230,A,,,000534.5,20261001100030,E64,77,,"
    "513.3,kWh,20261109,20261002125010,20261003000130\n"
    "550,N,,A,S01009\n"
    "900\n"
)
ESPI = (
    '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:uuid:home</id>'
    "<updated>2026-10-04T00:00:00Z</updated>"
    '<entry><content><ReadingType xmlns="http://naesb.org/espi"><intervalLength>900</intervalLength>'
    "<powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry>"
    '<entry><content><IntervalBlock xmlns="http://naesb.org/espi"><IntervalReading><timePeriod>'
    "<duration>900</duration><start>1790956800</start></timePeriod><value>125</value></IntervalReading>"
    "</IntervalBlock></content></entry></feed>\n"
)
STATE_GRID = (
    '{"consNo":"M1","sevenEleList":[{"day":"20261003","dayElePq":"4.8","thisVPq":"1.99","thisNPq":"1.48",'
    '"thisPPq":"1.34","thisTPq":"0"},{"day":"20261004","dayElePq":"-","thisVPq":"—","thisPPq":"--","thisNPq":""}]}\n'
)

SAMPLES: dict[str, tuple[str, ...]] = {
    "ndjson": (
        '{"meter":"M1","start":"2026-10-03T08:15:00+08:00","kwh":"0.125","quality":0,"minutes":15,"version":2}\n',
        '{"meter":"M1","day":"2026-10-03","kwh":["0.1",null,"-",0.2],"quality":[0,8,0,0]}\n',
        '{"meter":"M1","day":"2026-10-03","energies":{"total":"9.61","peak":"5.1","valley":"-"}}\n',
        '{"meter":"M1","at":"2026-10-01T00:00:00+08:00","registers":{"total":"1234.56","peak":"—"}}\n',
    ),
    "state-grid": (
        STATE_GRID,
        '{"meter":"M1","day":"2026-10-03","dayElePq":4.8}\n',
        (
            '[\n {"userInfo": {"consNo_dst": "M1"},\n  "dayElecQuantity31": {"sevenEleList":\n'
            '   [{"day": "20261003", "dayElePq": "4.8"}]}}\n]\n'
        ),
    ),
    "csv-long": (
        "meter,start,kwh\nM1,2026-10-03T08:15:00+08:00,0.125\nM1,2026-10-03T08:30:00+08:00,-\n",
        "start,kwh,meter,quality,version\n2026-10-03T08:15:00+08:00,0.125,M1,8,3\n",
    ),
    "csv-wide": (
        wide([str(number) for number in range(1, 97)], QUARTERS),
        wide(TIMES, ["—", *QUARTERS[1:]]),
        "meter,day,channel,minutes,quality,version,1\nM1,2026-10-03,,1440,0,7,9.61\n",
    ),
    "csv-matrix": (
        "start,M1,M2\n2026-10-03T08:15:00+08:00,0.125,-\n",
        "start,quality,4103035210-1/30\n2026-10-03T08:30:00+08:00,8,0.5\n",
    ),
    "csv-registers": (
        "meter,day,total,critical_peak,peak,flat,valley,deep_valley\nM1,2026-10-01,1234.56,1,2,3,4,-\n",
        "户号,日期,总,尖,峰,平,谷\nM1,20261001,1234.56,--,2,3,4\n",
        "meter,at,total,channel,quality\nM1,2026-10-01T00:00:00+08:00,1234.56,export-kwh,17\n",
    ),
    "nem12": (NEM12,),
    "nem13": (NEM13,),
    "espi": (ESPI,),
}
"""Deliveries by the name of the format by which `auto` has to find each."""


def zipped(content: bytes) -> bytes:
    """Return a zip of one file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("feed", content)
    return target.getvalue()
