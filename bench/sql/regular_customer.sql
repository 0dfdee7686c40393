SELECT c.id, 'episode ' || (1 + coalesce((SELECT s.episode FROM standing s
    WHERE s.definition = 'standard.regular_customer' AND s.subject_entity = 'customer' AND s.subject_id = c.id), 0))
FROM customer c
WHERE c.id IN (SELECT v.customer FROM visit v WHERE v.visited_on > :ago24 GROUP BY v.customer HAVING COUNT(*) >= 3)
  AND c.id NOT IN (SELECT s.subject_id FROM standing s WHERE s.definition = 'standard.regular_customer' AND s.subject_entity = 'customer' AND s.stands);
SELECT s.subject_id, 'gone' FROM standing s
WHERE s.definition = 'standard.regular_customer' AND s.subject_entity = 'customer' AND s.stands
  AND s.subject_id NOT IN (SELECT c.id FROM customer c WHERE c.id IN (SELECT v.customer FROM visit v WHERE v.visited_on > :ago24 GROUP BY v.customer HAVING COUNT(*) >= 3))
