"""What libraries alone make of the same blocks. Each runs in a process of its own: ``python -m bench.grids.peers``."""

from __future__ import annotations

import pickle
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PATIENCE = 60
"""Seconds of the processor that a peer gets, as many as it would have alone on a machine; more by the clock."""
STEPS = 1000
ROOM = 0.249


@dataclass(frozen=True)
class Task:
    """Blocks as a graph, and into how many grids."""

    first: Any
    other: Any
    length: Any
    cost: Any
    load: Any
    count: int
    low: int
    high: int

    def pairs(self) -> Any:
        owner = np.repeat(np.arange(len(self.load)), np.diff(self.first))
        half = owner < self.other
        return zip(owner[half].tolist(), self.other[half].tolist(), self.cost[half].tolist(), strict=True)


def pymetis_alone(task: Task) -> Any:
    import pymetis  # noqa: PLC0415

    _, parts = pymetis.part_graph(
        task.count,
        adjacency=pymetis.CSRAdjacency(task.first.astype(np.int32), task.other.astype(np.int32)),
        vweights=np.maximum(task.load, 1).astype(np.int32),
        eweights=np.maximum(np.round(task.cost * 10), 1).astype(np.int32),
        recursive=False,
        options=pymetis.Options(seed=1, ufactor=100, contig=1),
    )
    return np.asarray(parts)


def gerrychain_recom(task: Task) -> Any:
    """ReCom from its own start by random trees; a step is kept when the weighted cut gets no longer."""
    import networkx as nx  # noqa: PLC0415
    from gerrychain import Graph, MarkovChain, Partition, constraints  # noqa: PLC0415
    from gerrychain.proposals import recom  # noqa: PLC0415
    from gerrychain.tree import recursive_tree_part  # noqa: PLC0415
    from gerrychain.updaters import Tally  # noqa: PLC0415

    random.seed(1)
    plain = nx.Graph()
    plain.add_nodes_from((unit, {"load": int(load)}) for unit, load in enumerate(task.load.tolist()))
    plain.add_edges_from((one, two, {"cost": cost}) for one, two, cost in task.pairs())
    graph = Graph.from_networkx(plain)
    ideal = float(task.load.sum()) / task.count
    start = recursive_tree_part(graph, range(task.count), ideal, "load", ROOM)
    begun = Partition(graph, start, {"load": Tally("load", alias="load"), "cost": _cut(plain)})
    chain = MarkovChain(
        proposal_fn=lambda state, rng: recom(state, "load", ideal, ROOM, node_repeats=1, rng=rng),
        constraints=[constraints.within_percent_of_ideal_population(begun, ROOM, "load")],
        acceptance_fn=lambda state, rng: state.parent is None or state["cost"] <= state.parent["cost"],  # noqa: ARG005
        initial_partition=begun,
        total_steps=STEPS,
        rng=1,
    )
    last = begun
    for state in chain:
        last = state
    return np.array([last.assignment[unit] for unit in range(len(task.load))])


def _cut(plain: Any) -> Callable[[Any], float]:
    return lambda state: sum(plain.edges[edge]["cost"] for edge in state["cut_edges"])


def spopt_maxp(task: Task) -> Any:
    """MaxP with the fewest households as its floor; it knows no most."""
    import geopandas as gpd  # noqa: PLC0415
    from libpysal.weights import W  # noqa: PLC0415
    from spopt.region import MaxPHeuristic  # noqa: PLC0415

    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    near: dict[int, list[int]] = {unit: [] for unit in range(len(task.load))}
    for one, two, _ in task.pairs():
        near[one].append(two)
        near[two].append(one)
    frame = gpd.GeoDataFrame({"load": task.load.astype(float)}, geometry=gpd.points_from_xy(task.load, task.load))
    model = MaxPHeuristic(
        frame, W(near, silence_warnings=True), ["load"], "load", task.low, top_n=2, max_iterations_construction=10
    )
    model.solve()
    return np.asarray(model.labels_).astype(int) - 1


PEERS: dict[str, Callable[[Task], Any]] = {
    "pymetis alone": pymetis_alone,
    "GerryChain recom": gerrychain_recom,
    "spopt MaxP": spopt_maxp,
}


def _used() -> float:
    """Seconds of the processor that ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(name: str, task: Task) -> tuple[Any, float, float, str]:
    """The grid of each block, how long it took by the clock and of the processor, and what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.pickle"
        path.write_bytes(pickle.dumps(task))
        begun, spent = time.perf_counter(), _used()
        try:
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "bench.grids.peers", name, str(path)],
                capture_output=True,
                check=False,
                timeout=PATIENCE * 20,
            )
        except subprocess.TimeoutExpired:
            return None, time.perf_counter() - begun, _used() - spent, f"not done in {PATIENCE * 20} s by the clock"
        if done.returncode == -signal.SIGXCPU:
            return None, time.perf_counter() - begun, _used() - spent, f"not done in {PATIENCE} s of the processor"
        answer = path.with_suffix(".npz")
        if done.returncode or not answer.exists():
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no answer"]
            return None, time.perf_counter() - begun, _used() - spent, lines[-1][:90]
        with np.load(answer) as held:
            return held["grid_of"], float(held["seconds"]), float(held["used"]), ""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE + 1))
    path = Path(sys.argv[2])
    task = pickle.loads(path.read_bytes())  # noqa: S301  # written by `run`, its own parent
    begun, spent = time.perf_counter(), time.process_time()
    grid_of = PEERS[sys.argv[1]](task)
    seconds, used = time.perf_counter() - begun, time.process_time() - spent
    np.savez(path.with_suffix(".npz"), grid_of=grid_of, seconds=seconds, used=used)


if __name__ == "__main__":
    main()
