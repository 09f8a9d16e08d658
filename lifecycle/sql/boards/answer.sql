-- What customers of whole stores answered in the last 25 months, about visits that count; an answer
-- stays with the customer of its visit, whoever has the car now. Reads {guest}.
SELECT g.customer_id, w.vehicle_id, s.answered_on, s.satisfaction, s.nps
FROM {guest} g
JOIN customers_visit w USING (customer_id)
JOIN customers_survey s ON s.visit_id = w.id
WHERE s.answered_on <= %(as_of)s AND s.answered_on >= %(month)s - interval '25 months'
    AND w.is_counted AND w.arrived_on <= %(as_of)s AND (w.void_on IS NULL OR w.void_on > %(as_of)s)
