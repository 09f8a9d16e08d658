-- What happened with one customer, newest first: work orders with their survey, complaints of the
-- days the car was the customer's, contacts, appointments. Indexes: visit and contact by customer,
-- complaint and appointment by vehicle. The caller has the customer through the store scope; visits
-- at other stores of the group belong to the car's history all the same.
WITH owned AS MATERIALIZED (
    SELECT o.vehicle_id, coalesce(o.since_on, '-infinity') AS since_on,
           coalesce(o.until_on, 'infinity') AS until_on
    FROM customers_ownership o
    WHERE o.customer_id = %(customer_id)s
), line AS (
    SELECT 'visit' AS kind, w.arrived_at AS at, w.arrived_on AS on_date, w.vehicle_id,
           w.kind AS word, w.status AS state, w.amount, s.satisfaction AS score,
           w.items AS text, coalesce(s.comment, '') AS more, w.advisor_id AS staff_id,
           w.odometer_km, w.recommendations AS advice
    FROM customers_visit w
    LEFT JOIN customers_survey s ON s.visit_id = w.id
    WHERE w.customer_id = %(customer_id)s AND w.is_counted AND w.status <> 'void'
    UNION ALL
    SELECT 'complaint', k.opened_at, k.opened_on, k.vehicle_id, k.category,
           CASE WHEN k.resolved_on IS NULL THEN 'open' ELSE 'resolved' END, NULL, NULL,
           k.text, k.resolution, NULL, NULL, ''
    FROM owned
    JOIN customers_complaint k ON k.vehicle_id = owned.vehicle_id
        AND k.opened_on BETWEEN owned.since_on AND owned.until_on
    UNION ALL
    SELECT 'contact', c.happened_at, c.happened_on, c.vehicle_id, c.channel, c.outcome, NULL, NULL,
           c.note, c.direction, c.staff_id, NULL, ''
    FROM customers_contact c
    WHERE c.customer_id = %(customer_id)s
    UNION ALL
    SELECT 'appointment', a.starts_at, a.starts_on, a.vehicle_id, a.source, a.status, NULL, NULL,
           '', '', NULL, NULL, ''
    FROM owned
    JOIN customers_appointment a ON a.vehicle_id = owned.vehicle_id
        AND a.starts_on BETWEEN owned.since_on AND owned.until_on
)
SELECT line.kind, line.at, line.on_date, line.vehicle_id, line.word, line.state, line.amount,
       line.score, line.text, line.more, line.odometer_km, line.advice,
       coalesce(staff.name, '') AS staff
FROM line
LEFT JOIN stores_staff staff ON staff.id = line.staff_id
ORDER BY line.at DESC, line.kind
LIMIT %(limit)s
