"""The search on random blocks: grids stay in one piece, nothing is lost, chance repeats itself, proofs are true."""

from itertools import combinations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geodata.draw import recut, shift
from geodata.draw.exact import looked_through
from geodata.draw.gatherings import shared_anew, shared_apart
from geodata.draw.graph import Graph
from geodata.draw.mend import settled
from geodata.draw.plan import count_for, first_division, possible
from geodata.draw.proofs import fits_nowhere
from geodata.draw.search import SHARED, anneal, made_ready, recombine, rules_for, value


def lattice(loads):
    """Square blocks of 100 m, a row a list, lanes between them."""
    high, wide = len(loads), len(loads[0])
    near = [
        [
            (y + dy) * wide + x + dx
            for dy, dx in ((-1, 0), (0, -1), (0, 1), (1, 0))
            if 0 <= y + dy < high and 0 <= x + dx < wide
        ]
        for y in range(high)
        for x in range(wide)
    ]
    degree = np.array([len(around) for around in near])
    length = np.full(int(degree.sum()), 100.0)
    load = np.array(loads, dtype=np.int64).ravel()
    return Graph(
        first=np.append(0, np.cumsum(degree)),
        other=np.array([there for around in near for there in around], dtype=np.int64),
        length=length,
        cost=length.copy(),
        street=length.copy(),
        outer=400.0 - 100.0 * degree,
        area=np.full(len(load), 10_000.0),
        load=load,
        weight=load.astype(float),
    )


def in_one_piece(graph, members):
    reached, todo = {members[0]}, [members[0]]
    while todo:
        here = todo.pop()
        for there in graph.other[graph.first[here] : graph.first[here + 1]].tolist():
            if there in members and there not in reached:
                reached.add(there)
                todo.append(there)
    return len(reached) == len(members)


rows = st.integers(3, 7).flatmap(
    lambda wide: st.lists(st.lists(st.integers(0, 160), min_size=wide, max_size=wide), min_size=3, max_size=7)
)


@settings(max_examples=40)
@given(rows, st.integers(0, 1000))
def test_grids_stay_in_one_piece_and_the_same_seed_ends_alike(loads, seed):
    graph = lattice(loads)
    begun = first_division(graph, (300, 500), None, seed)
    rules = rules_for(graph, int(begun.max()) + 1, 300, 500)
    done = anneal(graph, begun, rules, 20_000, seed)
    assert set(done.tolist()) == set(range(int(begun.max()) + 1))
    assert all(in_one_piece(graph, np.flatnonzero(done == grid).tolist()) for grid in set(done.tolist()))
    assert np.array_equal(done, anneal(graph, begun, rules, 20_000, seed))


@settings(max_examples=20)
@given(rows)
@example([[93, 126, 16], [123, 29, 68], [89, 35, 87], [56, 134, 129]])
@example([[103, 30, 73, 121, 141], [77, 73, 62, 150, 46], [8, 98, 111, 4, 8]])
def test_a_search_never_ends_worse_than_it_began(loads):
    graph = lattice(loads)
    begun = first_division(graph, (300, 500), None, 1)
    rules = rules_for(graph, int(begun.max()) + 1, 300, 500)
    assert value(graph, anneal(graph, begun, rules, 100_000, 1), rules) <= value(graph, begun, rules)


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=3, max_size=3), st.integers(0, 8))
def test_a_proof_that_a_building_fits_nowhere_agrees_with_trying_everything(loads, unit):
    graph = lattice([[100 * load for load in row] for row in loads])
    others = [other for other in range(9) if other != unit]
    sets = ([unit, *more] for size in range(9) for more in combinations(others, size))
    fits = any(300 <= graph.load[one].sum() <= 400 and in_one_piece(graph, one) for one in sets)
    assert fits_nowhere(graph, unit, (300, 400)) == (not fits)


@settings(max_examples=200)
@given(st.integers(1, 5000), st.integers(1, 400), st.integers(0, 300))
def test_the_number_of_grids_is_one_that_the_limits_allow_where_there_is_one(total, low, more):
    high = low + more
    count = count_for(total, low, high)
    if possible(total, low, high):
        assert count * low <= total <= count * high
    else:
        assert all(not number * low <= total <= number * high for number in range(1, total + 2))


@settings(max_examples=30)
@given(rows, st.integers(0, 1000))
def test_pairs_cut_anew_stay_in_one_piece_and_never_end_worse(loads, seed):
    graph = lattice(loads)
    begun = first_division(graph, (300, 500), None, seed)
    rules = rules_for(graph, int(begun.max()) + 1, 300, 500)
    done = recombine(graph, begun, rules, 2000, seed)
    assert np.array_equal(done, recombine(graph, begun, rules, 2000, seed))
    assert set(done.tolist()) == set(begun.tolist())
    assert all(in_one_piece(graph, np.flatnonzero(done == grid).tolist()) for grid in np.unique(done).tolist())
    assert value(graph, done, rules) <= value(graph, begun, rules) + 1e-6


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=3, max_size=3))
def test_ground_looked_through_is_divided_or_proven_indivisible_as_trying_everything_says(loads):
    graph = lattice([[100 * load for load in row] for row in loads])
    division, never = looked_through(graph, np.arange(9), (300, 400))
    if division is not None:
        assert all(in_one_piece(graph, np.flatnonzero(division == grid).tolist()) for grid in set(division.tolist()))
        assert all(300 <= load <= 400 for load in np.bincount(division, graph.load))
    assert not (division is not None and never)
    assert not (never and divisible(graph, frozenset(range(9))))


def divisible(graph, left):
    """Whether grids of 300 to 400 in one piece are together all that is left, by trying everything."""
    if not left:
        return True
    first, *others = sorted(left)
    sets = (frozenset({first, *more}) for size in range(len(others) + 1) for more in combinations(others, size))
    return any(
        300 <= graph.load[list(one)].sum() <= 400 and in_one_piece(graph, sorted(one)) and divisible(graph, left - one)
        for one in sets
    )


def test_many_grids_searched_in_halves_stay_in_one_piece_and_the_same_seed_ends_alike():
    rng = np.random.default_rng(1)
    graph = lattice(rng.integers(20, 200, (16, 16)).tolist())
    begun = first_division(graph, (300, 500), None, 1)
    rules = rules_for(graph, int(begun.max()) + 1, 300, 500)
    done = anneal(graph, recombine(graph, begun, rules, 20_000, 1), rules, 400_000, 1)
    assert len(set(begun.tolist())) >= SHARED
    assert set(done.tolist()) == set(begun.tolist())
    assert all(in_one_piece(graph, np.flatnonzero(done == grid).tolist()) for grid in set(done.tolist()))
    assert value(graph, done, rules) < value(graph, begun, rules)
    assert np.array_equal(done, anneal(graph, recombine(graph, begun, rules, 20_000, 1), rules, 400_000, 1))


def test_a_grid_too_full_beside_a_building_beyond_the_limit_gives_it_a_little():
    graph = lattice([[900, 10, 495]])
    done = settled(graph, np.array([0, 1, 1]), (300, 500), 1, fixed=True)
    assert np.bincount(done, graph.load).tolist() == [910, 495]


def test_what_is_made_ready_while_blocks_are_made_is_what_the_search_runs():
    made_ready()
    ready = (shift.loop.signatures[:], recut.loop.signatures[:])
    graph = lattice([[100] * 6] * 6)
    begun = first_division(graph, (300, 500), None, 1)
    rules = rules_for(graph, int(begun.max()) + 1, 300, 500)
    anneal(graph, recombine(graph, begun, rules, 10, 1), rules, 10, 1)
    assert (shift.loop.signatures, recut.loop.signatures) == ready


def test_ground_is_handed_on_through_several_grids_where_there_is_no_other_way():
    graph = lattice([[280, 100, 210, 100, 220, 100, 310]])
    shared_out = shared_anew(graph, np.array([0, 1, 1, 2, 2, 3, 3]), (300, 500), 0, 1)
    assert shared_out is not None
    assert sorted(np.bincount(shared_out, graph.load)) == [310, 310, 320, 380]


def test_a_grid_too_full_is_cut_in_two_that_find_their_ways_alone():
    graph = lattice([[310, 100, 210, 100, 280, 260, 100, 210, 100, 310]])
    shared_out = shared_apart(graph, np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]), (300, 500), 2, 1)
    assert shared_out is not None
    loads = np.bincount(shared_out, graph.load)
    assert len(loads) == 6
    assert loads.min() >= 300
    assert loads.max() <= 500
    assert shared_apart(graph, np.arange(10), (300, 500), 4, 1) is None  # one building alone


def test_heavy_buildings_that_no_two_fit_together_and_too_few_others_are_proven_by_arithmetic():
    heavy, others = [498, 496, 374, 353, 299, 267, 235], [43, 17, 9, 9, 8, 4, 3, 2, 2, 1]
    graph = lattice([[0] * 10] * 10)
    graph.load[::6][: len(heavy) + len(others)] = [*heavy, *others]
    assert looked_through(graph, np.arange(100), (300, 500)) == (None, True)
    graph.load[96] += 1  # one more household is enough for all of them
    assert looked_through(graph, np.arange(100), (300, 500))[1] is False
