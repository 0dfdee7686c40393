"""Entities, migrations, change capture, import and export. Knows no YAML."""
