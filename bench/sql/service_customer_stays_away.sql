-- 15, 18 and 24 months after the latest visit.
SELECT v.id, 'first#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.service_customer_stays_away' AND o.subject_entity = 'visit' AND o.subject_id = v.id AND o.entry = 'first'))
FROM visit v
WHERE v.visited_on BETWEEN :stays_first_oldest AND :stays_first_newest AND v.customer IN (SELECT t.customer FROM tag t WHERE t.kind = 'inspektionskunde' AND t.taken_back_on IS NULL
    AND (t.valid_until_on IS NULL OR t.valid_until_on > :ago1))
  AND NOT EXISTS (SELECT 1 FROM visit w WHERE w.customer = v.customer
    AND (w.visited_on > v.visited_on OR (w.visited_on = v.visited_on AND w.id > v.id)))
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.service_customer_stays_away' AND o.subject_entity = 'visit'
    AND o.subject_id = v.id AND o.entry = 'first' AND o.anchor >= v.visited_on);
SELECT v.id, 'second#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.service_customer_stays_away' AND o.subject_entity = 'visit' AND o.subject_id = v.id AND o.entry = 'second'))
FROM visit v
WHERE v.visited_on BETWEEN :stays_second_oldest AND :stays_second_newest AND v.customer IN (SELECT t.customer FROM tag t WHERE t.kind = 'inspektionskunde' AND t.taken_back_on IS NULL
    AND (t.valid_until_on IS NULL OR t.valid_until_on > :ago1))
  AND NOT EXISTS (SELECT 1 FROM visit w WHERE w.customer = v.customer
    AND (w.visited_on > v.visited_on OR (w.visited_on = v.visited_on AND w.id > v.id)))
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.service_customer_stays_away' AND o.subject_entity = 'visit'
    AND o.subject_id = v.id AND o.entry = 'second' AND o.anchor >= v.visited_on);
SELECT v.id, 'last#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.service_customer_stays_away' AND o.subject_entity = 'visit' AND o.subject_id = v.id AND o.entry = 'last'))
FROM visit v
WHERE v.visited_on BETWEEN :stays_last_oldest AND :stays_last_newest AND v.customer IN (SELECT t.customer FROM tag t WHERE t.kind = 'inspektionskunde' AND t.taken_back_on IS NULL
    AND (t.valid_until_on IS NULL OR t.valid_until_on > :ago1))
  AND NOT EXISTS (SELECT 1 FROM visit w WHERE w.customer = v.customer
    AND (w.visited_on > v.visited_on OR (w.visited_on = v.visited_on AND w.id > v.id)))
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.service_customer_stays_away' AND o.subject_entity = 'visit'
    AND o.subject_id = v.id AND o.entry = 'last' AND o.anchor >= v.visited_on)
