SELECT c.id, :winter FROM customer c
WHERE (c.id IN (SELECT t.customer FROM tag t WHERE t.kind = 'reifendienstkunde' AND t.taken_back_on IS NULL
      AND (t.valid_until_on IS NULL OR t.valid_until_on > :today))
    OR c.id IN (SELECT s.customer FROM storage_contract s WHERE s.kind = 'wheels' AND (s.ends_on IS NULL OR s.ends_on >= :today)))
  AND c.id IN (SELECT v.owner FROM vehicle v WHERE v.kind = 'car')
  AND c.id NOT IN (SELECT o.subject_id FROM occurrence o WHERE o.definition = 'standard.winter_tyres'
    AND o.subject_entity = 'customer' AND o.occurrence = :winter)
