"""The YAML tests of packs: a small store made from the test, a moving clock, expected and unexpected results."""
