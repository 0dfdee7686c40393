SELECT c.id, :autumn FROM customer c
WHERE (c.id IN (SELECT i.customer FROM insurance_policy i WHERE i.mediated)
    OR c.id IN (SELECT p.customer FROM purchase p WHERE p.kind = 'vehicle' AND p.signed_on > :ago36))
  AND c.id NOT IN (SELECT o.subject_id FROM occurrence o WHERE o.definition = 'standard.insurance_window'
    AND o.subject_entity = 'customer' AND o.occurrence = :autumn)
