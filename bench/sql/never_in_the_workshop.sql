SELECT c.id, 'episode ' || (1 + coalesce((SELECT s.episode FROM standing s
    WHERE s.definition = 'standard.never_in_the_workshop' AND s.subject_entity = 'customer' AND s.subject_id = c.id), 0))
FROM customer c
WHERE c.id IN (SELECT p.customer FROM purchase p JOIN vehicle b ON b.id = p.vehicle WHERE b.kind = 'motorcycle')
  AND c.id NOT IN (SELECT v.customer FROM visit v WHERE v.kind = 'workshop')
  AND c.id NOT IN (SELECT s.subject_id FROM standing s WHERE s.definition = 'standard.never_in_the_workshop' AND s.subject_entity = 'customer' AND s.stands);
SELECT s.subject_id, 'gone' FROM standing s
WHERE s.definition = 'standard.never_in_the_workshop' AND s.subject_entity = 'customer' AND s.stands
  AND s.subject_id NOT IN (SELECT c.id FROM customer c WHERE c.id IN (SELECT p.customer FROM purchase p JOIN vehicle b ON b.id = p.vehicle WHERE b.kind = 'motorcycle')
  AND c.id NOT IN (SELECT v.customer FROM visit v WHERE v.kind = 'workshop'))
