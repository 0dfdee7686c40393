from datetime import date

import pytest

from engine.language.templates import TemplateError, parse_template


def test_blanks_are_filled_and_missing_ones_leave_nothing():
    template = parse_template("{{ vehicle.brand }} am {{ delivered_on|date }}{% if vehicle.colour %}!{% endif %}")
    assert template.variables == {"vehicle.brand", "delivered_on", "vehicle.colour"}
    values = {"vehicle.brand": "Škoda", "delivered_on": date(2021, 6, 30)}
    assert template.render(values.get) == "Škoda am 30.06.2021"
    assert template.render(values.get, "en") == "Škoda am 30 June 2021"


@pytest.mark.parametrize(
    "source",
    ["{{ 9**(9**9) }}", "{% if false %}{{ 9**9**9 }}{% endif %}", "{{ v.delete() }}", "{{ ''.__class__ }}", "{{ c.__class__ }}", "{% for i in x %}{% endfor %}",
     "{{ x|attr('format') }}", "{{ x", "{% include '/etc/passwd' %}", "{{ 'x' * 10**10 }}", "{{ x|center(2000000000) }}", "{% macro m() %}{% endmacro %}",
     "{% set a = 1 %}", "{{ c['items'] }}", "{{ lipsum(n=100000) }}", "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "x" * 20_000],
)  # fmt: skip
def test_what_could_hang_or_reach_out_is_refused(source):
    with pytest.raises(TemplateError) as error:
        parse_template(source)
    assert error.value.message
