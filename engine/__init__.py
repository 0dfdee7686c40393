"""Regelwerk: rules and workflows for vehicle dealers, written in YAML."""
