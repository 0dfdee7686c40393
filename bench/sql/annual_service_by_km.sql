SELECT v.id, 'episode ' || (1 + coalesce((SELECT s.episode FROM standing s
    WHERE s.definition = 'standard.annual_service_by_km' AND s.subject_entity = 'vehicle' AND s.subject_id = v.id), 0))
FROM vehicle v
WHERE v.owner IS NOT NULL AND v.next_service_km <= v.odometer_km + 1500
  AND NOT EXISTS (SELECT 1 FROM service_appointment a WHERE a.vehicle = v.id AND a.status = 'booked')
  AND v.id NOT IN (SELECT s.subject_id FROM standing s WHERE s.definition = 'standard.annual_service_by_km' AND s.subject_entity = 'vehicle' AND s.stands)
