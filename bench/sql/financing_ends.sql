SELECT f.id, 'a_year#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id AND o.entry = 'a_year'))
FROM finance_contract f
WHERE f.ends_on BETWEEN :a_year_oldest AND :a_year_newest AND f.settled_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract'
    AND o.subject_id = f.id AND o.entry = 'a_year' AND o.anchor >= f.ends_on);
SELECT f.id, 'three_quarters#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id AND o.entry = 'three_quarters'))
FROM finance_contract f
WHERE f.ends_on BETWEEN :three_quarters_oldest AND :three_quarters_newest AND f.settled_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract'
    AND o.subject_id = f.id AND o.entry = 'three_quarters' AND o.anchor >= f.ends_on);
SELECT f.id, 'half_a_year#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id AND o.entry = 'half_a_year'))
FROM finance_contract f
WHERE f.ends_on BETWEEN :half_a_year_oldest AND :half_a_year_newest AND f.settled_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract'
    AND o.subject_id = f.id AND o.entry = 'half_a_year' AND o.anchor >= f.ends_on);
SELECT f.id, 'a_quarter#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id AND o.entry = 'a_quarter'))
FROM finance_contract f
WHERE f.ends_on BETWEEN :a_quarter_oldest AND :a_quarter_newest AND f.settled_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract'
    AND o.subject_id = f.id AND o.entry = 'a_quarter' AND o.anchor >= f.ends_on)
