"""The hotline's orders, there and back: imported twice and filed once, and every result told to it in order, once."""

from __future__ import annotations

import csv
from pathlib import Path

from sqlalchemy import select

from geodata.io import read_table
from gridapp.access import SYSTEM
from gridapp.db import session
from gridapp.models import ClockStep, Delivery, DeliveryTry, Notice, Person, Task
from gridapp.services.orders import task_import
from gridapp.services.orders.order_mapping import load_mapping
from gridapp.services.scope import task_in_scope
from gridapp.services.tasking import tasks
from tests.api.test_deliveries import app, clock, go_out, subscribe
from tests.support import tasking
from tests.support.receivers import up

__all__ = ["app", "clock"]

ORDERS = 500
MAPPING = """
origin = "hotline-12345"
timezone = "Asia/Shanghai"
[columns]
number = "工单编号"
description = ["内容"]
address = ["地址"]
lon = "经度"
lat = "纬度"
opened = "受理时间"
status = "状态"
[status]
open = ["待办理"]
closed = ["已办结"]
[category]
columns = ["类别"]
[category.codes]
"暴露垃圾" = "06001"
"""


def write_orders(folder: Path, world, count: int = ORDERS) -> tuple[Path, Path]:
    """A day's orders as the hotline exports them, and how to read them."""
    mapping, orders = folder / "hotline.toml", folder / "orders.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    place = world.inside("a1")
    with orders.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["工单编号", "内容", "地址", "经度", "纬度", "受理时间", "状态", "类别"])
        for n in range(count):
            minute = f"2026-03-04 {8 + n // 60 % 4:02}:{n % 60:02}"
            told = (
                f"HL2026{n:05}",
                f"路口有垃圾 {n}",
                "一号楼",
                place["lon"],
                place["lat"],
                minute,
                "待办理",
                "暴露垃圾",
            )
            rows.writerow(told)
    return orders, mapping


def test_orders_imported_twice_are_filed_once_and_every_result_comes_back_in_order_once(app, world, clock, tmp_path):
    with up() as hotline:
        _, secret = subscribe(world, hotline, "task.ended", origin="hotline-12345", name="12345")
    orders, mapping = write_orders(tmp_path, world)
    for created in (ORDERS, 0):
        result = task_import.import_orders(read_table(orders), load_mapping(mapping), orders.name)
        session.commit()
        assert (result.created, result.unchanged, result.refused) == (created, ORDERS - created, [])
    filed = session.execute(select(Task.id, Task.origin_number).order_by(Task.number)).all()
    assert len(filed) == ORDERS

    for n, (task_id, _) in enumerate(filed):
        tasks.by_system(task_in_scope(SYSTEM, task_id, lock=True), "dismiss", reason="not_ours")
        session.commit()
        if n % 50 == 0:  # the hotline is down all the while: two hours pass
            assert go_out() == 0
            clock.on(minutes=12)
    assert session.query(DeliveryTry).filter_by(status=None).count() >= 5
    clock.on(hours=2)
    with up(hotline):
        assert go_out() == ORDERS
        assert go_out() == 0

    told = [one.said["data"] for one in hotline.got]
    assert [one["task"]["origin_number"] for one in told] == [number for _, number in filed]
    assert {one["task"]["outcome"] for one in told} == {"dismissed"}
    assert len({one.id for one in hotline.got}) == ORDERS
    assert all(one.signed_by(secret) for one in hotline.got)
    assert session.query(Delivery).filter(Delivery.state != "done").count() == 0


def test_what_the_hotline_settles_itself_is_told_to_who_works_on_it_and_who_reported_it(app, world, clock, tmp_path):
    orders, mapping = write_orders(tmp_path, world, 1)
    task_import.import_orders(read_table(orders), load_mapping(mapping), orders.name)
    master = session.scalars(select(Task.id)).one()
    check = tasking.check_of(world, master)
    tasking.act(world, "dispatcher_a", master, "assign", assignee={"post": str(world.people["worker_a2"].post)})
    merged = tasking.file(world)
    tasking.act(world, "dispatcher_a", merged, "merge", master=str(master))
    orders.write_text(orders.read_text("utf-8").replace("待办理", "已办结"), "utf-8")
    task_import.import_orders(read_table(orders), load_mapping(mapping), orders.name)
    assert session.get_one(Task, master).outcome == "resolved"
    assert session.get_one(Task, check).outcome == "withdrawn"
    told = select(Notice.kind, Person.username).join(Person, Person.id == Notice.person_id)
    still = session.execute(told.where(Notice.task_id == master, Notice.overtaken_at.is_(None))).all()
    assert ("task_closed_there", "worker_a2") in {tuple(row) for row in still}
    assert ("task_resolved", "worker_a") in {
        tuple(row) for row in session.execute(told.where(Notice.task_id == merged))
    }
    assert "task_assign" not in {kind for kind, _ in still}
    waiting = select(ClockStep.step).where(ClockStep.task_id == master, ClockStep.done_at.is_(None))
    assert session.scalars(waiting).all() == []
