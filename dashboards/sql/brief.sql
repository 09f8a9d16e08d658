-- What the morning brief says about cars of one store, a row a car or task: `what` it is, whose
-- customer or list, what the customer spends a year. One row `store` has the mean of that,
-- and as `since_on` when the oldest of the complaints and low surveys that are given came in.
-- forgotten: overdue, to be called, and no call about this service was ever asked for.
-- valued: of high value and, not called since, on day 90 to 100 of pre-churn or at high risk anew.
-- missed, over: the cars and the tasks that are given.
-- Indexes: states by store, task_once (vehicle), screening by vehicle.
WITH refused AS MATERIALIZED ({refused}), car AS MATERIALIZED (
    SELECT s.vehicle_id, s.customer_id, s.level, s.risk_level, s.high_on, s.is_booked, s.is_lost,
           r.base_on, r.outgoing_on, coalesce(r.last_visit_on, r.delivered_on) AS seen_on,
           c.advisor_id, coalesce(p.yearly_amount, 0) AS worth,
           coalesce(p.value_tier, '') AS tier
    FROM lifecycle_vehiclestate s
    JOIN lifecycle_vehiclerollup r USING (vehicle_id)
    JOIN customers_customer c ON c.id = s.customer_id
    LEFT JOIN lifecycle_customerstate p ON p.customer_id = s.customer_id
    WHERE s.store_id = %(store)s AND NOT s.is_gone
), found AS (
    SELECT 'forgotten' AS what, vehicle_id, NULL::bigint AS task_id, customer_id, worth,
           advisor_id AS owner_id, NULL::date AS since_on
    FROM car
    WHERE level = 'red' AND NOT is_booked AND NOT is_lost
        AND customer_id NOT IN (SELECT customer_id FROM refused)
        AND NOT EXISTS (
            SELECT FROM alerts_task t
            WHERE t.vehicle_id = car.vehicle_id
                AND (t.closed_on IS NULL
                     OR (t.kind IN ('due_call', 'overdue_30') AND t.cycle_key = base_on::text)))
    UNION ALL
    SELECT 'valued', vehicle_id, NULL, customer_id, worth, advisor_id, NULL
    FROM car
    WHERE tier = 'high' AND NOT is_booked AND NOT is_lost
        AND customer_id NOT IN (SELECT customer_id FROM refused)
        AND ((risk_level = 'high' AND high_on = %(as_of)s
              AND coalesce(outgoing_on < high_on, true))
             OR (%(as_of)s - seen_on BETWEEN 90 AND 100
                 AND coalesce(outgoing_on < seen_on + 90, true)
                 AND EXISTS (
                     SELECT FROM lifecycle_prechurnscreening i
                     WHERE i.vehicle_id = car.vehicle_id
                         AND i.screened_on > %(as_of)s - 7 AND i.screened_on <= %(as_of)s)))
    UNION ALL
    SELECT 'missed', vehicle_id, NULL, customer_id, worth, advisor_id, NULL
    FROM car
    WHERE vehicle_id = ANY(%(missed)s::bigint[])
    UNION ALL
    SELECT 'over', t.vehicle_id, t.id, t.customer_id, coalesce(p.yearly_amount, 0), t.owner_id,
           NULL
    FROM alerts_task t
    LEFT JOIN lifecycle_customerstate p ON p.customer_id = t.customer_id
    WHERE t.id = ANY(%(over)s::bigint[])
    UNION ALL
    SELECT 'store', NULL, NULL, NULL, coalesce(avg(p.yearly_amount), 0), NULL,
           least((SELECT min(k.opened_on) FROM customers_complaint k
                  WHERE k.id = ANY(%(complaints)s::bigint[])),
                 (SELECT min(y.answered_on) FROM customers_survey y
                  WHERE y.id = ANY(%(surveys)s::bigint[])))
    FROM lifecycle_customerstate p
    WHERE p.store_id = %(store)s
)
SELECT f.what, f.vehicle_id, f.task_id, f.customer_id, f.worth, f.since_on,
       coalesce(o.name, '') AS owner
FROM found f
LEFT JOIN stores_staff o ON o.id = f.owner_id
ORDER BY f.what, f.worth DESC, f.vehicle_id
