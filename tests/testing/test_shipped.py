"""The shipped packs' tests notice what would be changed in the packs: every definition has tests, and few changes pass them unseen."""

from collections import Counter

import pytest

from engine.definitions.layers import ACTING
from engine.site import load_site
from engine.testing.mutate import NOTICED, SURVIVED, Mutation, mutate
from engine.testing.run import benches, rules_of

MOST_UNNOTICED = 0.10
"""Issue 4: mutation testing of the shipped packs leaves fewer than 10 % unnoticed."""
SAMPLE = ("standard.warranty_ends", "standard.remotorisation", "standard.birthday", "standard.conversion_done", "pipelines.new_customer", "pipelines.complaint")
EACH = 5


@pytest.fixture
def site(tmp_path):
    (tmp_path / "regelwerk.yaml").write_text("pack: mine\npacks: [standard, pipelines]\n", "utf-8")
    return load_site(tmp_path, tests=True)


def unnoticed(found):
    """The share of changes that ran and that no test noticed, and those changes."""
    fates = Counter(mutant.fate for one in found for mutant in one.mutants)
    survivors = [f"{mutant.place}: {mutant.old} -> {mutant.new}" for one in found for mutant in one.mutants if mutant.fate == SURVIVED]
    return fates[SURVIVED] / (fates[SURVIVED] + fates[NOTICED]), survivors


def test_every_shipped_rule_workflow_and_campaign_has_a_test(site):
    named = {rule for bench, tests in benches(site) for one in tests for rule in rules_of(one, bench.compiled)}
    assert named >= {name for section in ACTING for name in site.sections[section]}


def test_what_a_pack_changes_in_another_is_tested_by_itself(site):
    by_pack = {bench.pack: {rule for one in tests for rule in rules_of(one, bench.compiled)} for bench, tests in benches(site)}
    assert {target.id for target in Mutation(site).targets() if target.pack == "pipelines"} <= by_pack["pipelines"]


def test_a_fixed_sample_of_changes_to_the_shipped_packs_is_noticed(site):
    mutation = Mutation(site)
    found = [mutation.run(target, EACH) for target in mutation.targets(frozenset(SAMPLE)) if target.id.startswith(target.pack)]
    assert {one.target.id for one in found} == set(SAMPLE)
    assert sum(len(one.mutants) for one in found) > 20
    share, survivors = unnoticed(found)
    assert share < MOST_UNNOTICED, survivors


@pytest.mark.soak
def test_of_all_changes_to_the_shipped_packs_few_are_not_noticed(site):
    share, survivors = unnoticed(list(mutate(site, jobs=2)))
    assert share < MOST_UNNOTICED, survivors
