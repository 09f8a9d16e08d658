-- Open tasks whose reason is gone, closed with what ended it. {scope} restricts `t`.
UPDATE alerts_task t
SET closed_on = %(as_of)s, closed_at = now(), closed_as = e.closed_as
FROM (
    SELECT t.id,
           CASE
               WHEN s.vehicle_id IS NULL OR s.is_gone OR s.customer_id IS NULL THEN 'vehicle_gone'
               WHEN s.customer_id <> t.customer_id THEN 'superseded'
               WHEN t.kind = 'risk_call' AND r.last_visit_on >= t.opened_on THEN 'visited'
               WHEN t.kind IN ('due_call', 'overdue_30') AND r.base_on::text <> t.cycle_key
                   THEN CASE WHEN r.maintenance_visits > 0 THEN 'visited' ELSE 'superseded' END
               WHEN t.kind IN ('due_call', 'overdue_30') AND s.is_booked THEN 'booked'
               WHEN t.kind IN ('due_call', 'overdue_30') AND s.level = 'none' THEN 'superseded'
               -- Lost customers leave the advisor's list for win-back.
               WHEN t.kind IN ('due_call', 'overdue_30', 'risk_call') AND s.is_lost THEN 'expired'
               WHEN t.kind = 'critical'
                   AND (NOT s.is_critical OR s.survey_id::text <> t.cycle_key) THEN 'superseded'
               WHEN t.kind = 'complaint' AND k.resolved_on <= %(as_of)s THEN 'done'
           END AS closed_as
    FROM alerts_task t
    LEFT JOIN lifecycle_vehiclestate s ON s.vehicle_id = t.vehicle_id
    LEFT JOIN lifecycle_vehiclerollup r ON r.vehicle_id = t.vehicle_id
    LEFT JOIN customers_complaint k
        ON k.id = CASE WHEN t.kind = 'complaint' THEN t.cycle_key::bigint END
    WHERE t.closed_on IS NULL AND {scope}
) AS e
WHERE e.id = t.id AND e.closed_as IS NOT NULL
