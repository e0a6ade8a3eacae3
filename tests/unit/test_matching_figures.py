"""Figures of clusters that a steward reads."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from identity.matching.cluster_figures import _has_bridge

edges = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda edge: edge[0] < edge[1]), min_size=1)


@given(edges)
def test_a_bridge_is_found_where_a_graph_library_finds_one(chosen):
    graph = nx.Graph(sorted(chosen))
    left, right = np.array(sorted(chosen)).T
    assert _has_bridge(left.tolist(), right.tolist()) == nx.has_bridges(graph)
