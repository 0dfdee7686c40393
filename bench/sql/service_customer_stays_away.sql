-- At most three times, three months apart.
SELECT c.id, 'time ' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.service_customer_stays_away' AND o.subject_entity = 'customer' AND o.subject_id = c.id)) AS occurrence
FROM customer c
WHERE c.id IN (SELECT t.customer FROM tag t WHERE t.kind = 'inspektionskunde' AND t.taken_back_on IS NULL
    AND (t.valid_until_on IS NULL OR t.valid_until_on > :today))
  AND c.id NOT IN (SELECT v.customer FROM visit v WHERE v.visited_on > :ago15)
  AND c.id NOT IN (SELECT o.subject_id FROM occurrence o WHERE o.definition = 'standard.service_customer_stays_away'
    AND o.subject_entity = 'customer' AND o.day > :ago3)
  AND (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.service_customer_stays_away' AND o.subject_entity = 'customer' AND o.subject_id = c.id) < 3
