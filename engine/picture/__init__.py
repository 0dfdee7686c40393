"""Workflows as pictures: SVG, Mermaid, and text for the terminal."""
