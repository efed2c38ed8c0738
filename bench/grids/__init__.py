"""Drawing grids: time and quality beside pymetis alone, GerryChain's recom and spopt's MaxP on the same blocks."""
