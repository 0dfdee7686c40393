SELECT d.id, 'date#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.add_on_sales' AND o.subject_entity = 'delivery' AND o.subject_id = d.id AND o.entry = 'date'))
FROM delivery d
WHERE d.delivered_on BETWEEN :add_on_oldest AND :add_on_newest
  AND NOT EXISTS (SELECT 1 FROM "order" r WHERE r.customer = d.customer AND r.kind IN ('accessories', 'tyres') AND r.ordered_on >= d.delivered_on)
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.add_on_sales' AND o.subject_entity = 'delivery'
    AND o.subject_id = d.id AND o.entry = 'date' AND o.anchor >= d.delivered_on)
