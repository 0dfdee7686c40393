"""YAML with positions, layers, schema checks, packs. Knows no store."""
