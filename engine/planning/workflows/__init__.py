"""Workflows as graphs, and the machine that walks them: pure, asked by running and by the soundness check alike."""
