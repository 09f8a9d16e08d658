-- Open tasks whose reason is gone, closed with what ended it. {scope} restricts `t`.
-- What only few tasks need is looked up for these alone: a branch is not run before its turn.
WITH refused AS MATERIALIZED ({refused})
UPDATE alerts_task t
SET closed_on = %(as_of)s, closed_at = now(), closed_as = e.closed_as
FROM (
    SELECT t.id,
           CASE
               WHEN t.kind = 'correct_data' AND t.proposal IN ('sold', 'moved')
                   AND (s.is_gone OR s.customer_id <> t.customer_id) THEN 'done'
               -- These two outlive the car, but not the customer.
               WHEN t.kind IN ('reminder', 'correct_data') AND NOT EXISTS (
                   SELECT FROM customers_customer c
                   WHERE c.id = t.customer_id
                       AND (c.erased_on <= %(as_of)s OR c.merged_on <= %(as_of)s)
                   OFFSET 0)
                   THEN CASE WHEN s.customer_id <> t.customer_id THEN 'superseded' END
               WHEN s.vehicle_id IS NULL OR s.is_gone OR s.customer_id IS NULL THEN 'vehicle_gone'
               WHEN s.customer_id <> t.customer_id THEN 'superseded'
               WHEN t.kind = 'risk_call' AND r.last_visit_on >= t.opened_on THEN 'visited'
               WHEN t.kind = 'risk_call'
                   AND CASE WHEN r.outgoing_on >= t.opened_on THEN {phoned} ELSE false END
                   THEN 'done'
               WHEN is_by_base AND r.base_on::text IS DISTINCT FROM t.cycle_key
                   THEN CASE WHEN r.maintenance_visits > 0 THEN 'visited' ELSE 'superseded' END
               WHEN is_lane AND r.last_visit_on > r.base_on THEN 'visited'
               WHEN is_lane AND r.maintenance_visits <> 1 THEN 'superseded'
               WHEN t.kind IN ('retry', 'booking_confirm') AND r.last_visit_on >= t.opened_on
                   THEN 'visited'
               WHEN t.kind IN ('due_call', 'overdue_30', 'retry', 'second_visit_14d')
                   AND s.is_booked THEN 'booked'
               WHEN t.kind IN ('due_call', 'overdue_30') AND s.level = 'none' THEN 'superseded'
               -- Lost customers leave the advisor's list for win-back.
               WHEN (is_by_base OR t.kind IN ('risk_call', 'retry')) AND s.is_lost THEN 'expired'
               WHEN t.kind = 'critical'
                   AND (NOT s.is_critical OR s.survey_id::text <> t.cycle_key) THEN 'superseded'
               WHEN t.kind = 'complaint' AND k.resolved_on <= %(as_of)s THEN 'done'
               WHEN t.kind = 'booking_confirm'
                   AND split_part(t.cycle_key, ':', 2) < (%(as_of)s)::text THEN 'expired'
               WHEN t.kind = 'booking_confirm' AND NOT EXISTS (
                   SELECT FROM customers_appointment a
                   WHERE a.id = split_part(t.cycle_key, ':', 1)::bigint
                       AND a.starts_on::text = split_part(t.cycle_key, ':', 2)
                       AND {confirmed}
                   OFFSET 0)
                   THEN 'superseded'
               WHEN (is_by_base OR t.kind IN ('risk_call', 'retry'))
                   AND t.customer_id IN (SELECT customer_id FROM refused) THEN 'superseded'
           END AS closed_as
    FROM alerts_task t
    LEFT JOIN lifecycle_vehiclestate s ON s.vehicle_id = t.vehicle_id
    LEFT JOIN lifecycle_vehiclerollup r ON r.vehicle_id = t.vehicle_id
    LEFT JOIN customers_complaint k
        ON k.id = CASE WHEN t.kind = 'complaint' THEN t.cycle_key::bigint END,
    LATERAL (
        SELECT t.kind IN ('second_visit_48h', 'second_visit_7d', 'second_visit_14d',
                          'second_visit_3d') AS is_lane,
               t.kind IN ('due_call', 'overdue_30', 'second_visit_48h', 'second_visit_7d',
                          'second_visit_14d', 'second_visit_3d') AS is_by_base
    ) AS is_of
    WHERE t.closed_on IS NULL AND {scope}
) AS e
WHERE e.id = t.id AND e.closed_as IS NOT NULL
