SELECT f.id, 'first#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id AND o.entry = 'first'))
FROM finance_contract f
WHERE f.ends_on BETWEEN :financing_first_oldest AND :financing_first_newest AND f.settled_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract'
    AND o.subject_id = f.id AND o.entry = 'first' AND o.anchor >= f.ends_on);
SELECT f.id, 'second#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id AND o.entry = 'second'))
FROM finance_contract f
WHERE f.ends_on BETWEEN :financing_second_oldest AND :financing_second_newest AND f.settled_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract'
    AND o.subject_id = f.id AND o.entry = 'second' AND o.anchor >= f.ends_on);
SELECT f.id, 'third#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id AND o.entry = 'third'))
FROM finance_contract f
WHERE f.ends_on BETWEEN :financing_third_oldest AND :financing_third_newest AND f.settled_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract'
    AND o.subject_id = f.id AND o.entry = 'third' AND o.anchor >= f.ends_on);
SELECT f.id, 'last#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id AND o.entry = 'last'))
FROM finance_contract f
WHERE f.ends_on BETWEEN :financing_last_oldest AND :financing_last_newest AND f.settled_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.financing_ends' AND o.subject_entity = 'finance_contract'
    AND o.subject_id = f.id AND o.entry = 'last' AND o.anchor >= f.ends_on)
