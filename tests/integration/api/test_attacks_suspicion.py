"""A suspicion of irregular use is no finding: nothing that a customer reaches names one. No feed writes another's."""

import io
import re
import zipfile
from datetime import date
from importlib import resources

import httpx
import pytest
from graphql import GraphQLNamedType, GraphQLSchema, get_named_type, is_interface_type, is_object_type, is_union_type

from gridhall.api.state import State
from gridhall.graphql.schema import build_schema
from gridhall.kit.ids import new_id
from gridhall.kit.settings import Settings
from gridhall.metering.feed.clients import add_client
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points

SUSPICIOUS = re.compile(r"irregular|suspicio|theft|tamper|fraud|窃|违约用电|嫌疑|怀疑|稽查", re.IGNORECASE)
OF_AGENTS = re.compile(r"irregular\.|refusal\.(irregular\.|access\.not_an_inspector)|vee\..*\.sentence")
OF_CUSTOMERS = ("Viewer", "ProposeReadResult", "PayBillsResult", "AskBindingResult")


def reached(schema: GraphQLSchema, names: tuple[str, ...]) -> dict[str, GraphQLNamedType]:
    """Return every type that fields lead to from some."""
    found: dict[str, GraphQLNamedType] = {}
    waiting = [schema.type_map[name] for name in names]
    while waiting:
        one = waiting.pop()
        if one.name in found:
            continue
        found[one.name] = one
        if is_union_type(one):
            waiting += one.types
        if (is_object_type(one) or is_interface_type(one)) and one.name != "Node":
            waiting += [get_named_type(field.type) for field in one.fields.values()]
    return found


class TestASuspicion:
    def test_is_in_no_type_that_a_customer_reaches(self) -> None:
        schema: GraphQLSchema = build_schema(Settings())._schema
        types = reached(schema, OF_CUSTOMERS)
        assert {"Account", "Usage", "UsageNotice", "OwnRead", "Load", "Forecast", "InboxItem"} <= types.keys()
        assert not [name for name in types if name.startswith("Desk") or name.endswith("Exception")]
        for one in types.values():
            said = [one.name, one.description or "", *getattr(one, "fields", {}), *getattr(one, "values", {})]
            assert not [text for text in said if SUSPICIOUS.search(text)], one.name

    @pytest.mark.parametrize("room", ["metering", "graphql", "notifications"])
    @pytest.mark.parametrize("language", ["zh_CN", "en"])
    def test_is_in_no_words_that_a_customer_is_told(self, room: str, language: str) -> None:
        catalogue = (resources.files(f"gridhall.{room}") / "words" / f"{language}.po").read_text("utf-8")
        said = dict(re.findall(r'msgid "(.+)"\nmsgstr "(.*)"', catalogue))
        told = {key: text for key, text in said.items() if not OF_AGENTS.match(key)}
        assert len(told) > 20
        assert not [key for key, text in told.items() if SUSPICIOUS.search(text)]


class TestAFeedClient:
    async def test_writes_no_meter_of_another_scope_in_any_format(self, http: httpx.AsyncClient, state: State) -> None:
        scopes = {"own": "grid/own", "foreign": "grid/ownother"}  # the second only begins like the first
        nmi = "1234567890-1/30"
        for name, path in scopes.items():
            meters = [name, f"{name}-{nmi}", f"{name}-day"]
            for meter in meters:
                link = MeterLink(meter, date(2026, 9, 1))
                point = ServicePoint(new_id(), "zhejiang", path, "Asia/Shanghai", "zhejiang-tou", (link,))
                minutes = {meters[0]: 15, meters[1]: 30, meters[2]: 1440}[meter]
                made = Meter(meter, interval_minutes=minutes)
                await register_points(points=[point], meters=[made], repository=state.metering.points)
        token = await add_client(
            name="own",
            regions={"zhejiang"},
            clients=state.metering.clients,
            now=state.clock.now(),
            org_paths=["grid/own"],
        )
        at = "2026-09-02T00:00:00+08:00"
        for whose, accepted in (("own", True), ("foreign", False)):
            slots, ones, day = ",".join(map(str, range(1, 97))), ",".join(["1"] * 96), "1," * 48
            bodies = [
                f'{{"meter": "{whose}", "start": "{at}", "kwh": "1"}}\n',
                f'{{"meter": "{whose}", "day": "2026-09-03", "kwh": [{ones}]}}\n',
                f'{{"meter": "{whose}", "at": "{at}", "registers": {{"total": "1"}}}}\n',
                f"meter,start,kwh\n{whose},2026-09-04T00:00:00+08:00,1\n",
                f"meter,day,{slots}\n{whose},2026-09-05,{ones}\n",
                f"start,{whose}\n2026-09-06T00:00:00+08:00,1\n",
                f"meter,day,total\n{whose},2026-09-07,2\n",
                f'{{"consNo": "{whose}-day", "day": "20260902", "dayElePq": "1"}}\n',
                f"100,NEM12,200509101000,A,B\n200,{whose}-1234567890,E1,1,E1,N1,01009,kWh,30,\n300,20260908,{day}A\n900\n",
            ]
            for body in bodies:
                packed = io.BytesIO()
                with zipfile.ZipFile(packed, "w") as archive:
                    archive.writestr("a", body)
                for content in (packed.getvalue(), body.encode()):
                    headers = {"Authorization": f"Bearer {token}"}
                    answer = await http.post("/v1/feed/readings?format=auto", content=content, headers=headers)
                    told = answer.json()
                    taken = told["accepted"] + told["duplicate"] + told["corrected"]
                    assert (taken > 0, told["quarantined"] > 0) == (accepted, not accepted), (body[:60], told)
