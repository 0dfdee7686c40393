SELECT r.id, 'episode ' || (1 + coalesce((SELECT s.episode FROM standing s
    WHERE s.definition = 'standard.open_recall' AND s.subject_entity = 'vehicle_recall' AND s.subject_id = r.id), 0))
FROM vehicle_recall r
WHERE r.done_on IS NULL AND r.customer IS NOT NULL
  AND r.id NOT IN (SELECT s.subject_id FROM standing s WHERE s.definition = 'standard.open_recall' AND s.subject_entity = 'vehicle_recall' AND s.stands);
SELECT s.subject_id, 'gone' FROM standing s
WHERE s.definition = 'standard.open_recall' AND s.subject_entity = 'vehicle_recall' AND s.stands
  AND s.subject_id NOT IN (SELECT r.id FROM vehicle_recall r WHERE r.done_on IS NULL AND r.customer IS NOT NULL)
