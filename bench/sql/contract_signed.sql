SELECT e.subject_id, 'event ' || e.id FROM event e JOIN contract c ON c.id = e.subject_id
WHERE e.name = 'contract.signed' AND NOT e.taken
