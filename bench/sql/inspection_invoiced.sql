SELECT e.subject_id, 'event ' || e.id FROM event e
WHERE e.name = 'visit.invoiced' AND NOT e.taken
  AND EXISTS (SELECT 1 FROM visit_position p WHERE p.visit = e.subject_id AND p.kind IN ('service', 'inspection'))
