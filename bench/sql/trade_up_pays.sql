SELECT f.id, 'time ' || (1 + (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.trade_up_pays' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id))
FROM finance_contract f JOIN vehicle v ON v.id = f.vehicle
WHERE f.settled_on IS NULL AND f.settlement IS NOT NULL AND v.market_value > f.settlement + 150000
  AND f.id NOT IN (SELECT o.subject_id FROM occurrence o WHERE o.definition = 'standard.trade_up_pays'
    AND o.subject_entity = 'finance_contract' AND o.day > :ago6)
  AND (SELECT COUNT(DISTINCT o.occurrence) FROM occurrence o
    WHERE o.definition = 'standard.trade_up_pays' AND o.subject_entity = 'finance_contract' AND o.subject_id = f.id) < 3
