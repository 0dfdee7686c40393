-- A date is done for a subject once it was done for this anchor or for a later date.
SELECT d.id, 'date#' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.remotorisation' AND o.subject_entity = 'delivery' AND o.subject_id = d.id AND o.entry = 'date'))
FROM delivery d JOIN vehicle v ON v.id = d.vehicle
WHERE d.delivered_on BETWEEN :remotorisation_oldest AND :remotorisation_newest
  AND v.owner = d.customer
  AND NOT EXISTS (SELECT 1 FROM purchase p WHERE p.customer = d.customer AND p.kind = 'vehicle' AND p.signed_on > d.delivered_on)
  AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = 'standard.remotorisation' AND o.subject_entity = 'delivery'
    AND o.subject_id = d.id AND o.entry = 'date' AND o.anchor >= d.delivered_on)
