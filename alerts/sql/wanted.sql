-- The tasks that the states ask for, with owner and priority (DOMAIN §4); one row a task.
-- {scope} restricts `s` ({state}); {rollup} holds the same vehicles.
WITH {policy}, median AS MATERIALIZED (
    -- TASK-2: a car without a paid maintenance takes the median of its powertrain in the store.
    SELECT r.store_id, v.powertrain,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY
               (r.paid_margin + r.paid_amount * p.margin_percent / 100.0) / r.paid_visits)::numeric
               AS profit
    FROM {rollup} r
    JOIN customers_vehicle v ON v.id = r.vehicle_id
    JOIN policy p ON p.store_id = r.store_id
    WHERE r.paid_visits > 0 AND r.store_id = ANY(%(stores)s)
    GROUP BY 1, 2
), car AS MATERIALIZED (
    SELECT s.vehicle_id, s.store_id, s.customer_id, s.policy_set_id, s.level, s.is_booked,
           s.is_lost, s.is_critical, s.survey_id, s.high_on, s.is_duty,
           %(as_of)s - s.due_on AS days_overdue, r.base_on, r.last_visit_on, v.powertrain,
           r.paid_visits, r.paid_margin, r.paid_amount, r.calls_missed
    FROM {state} s
    JOIN {rollup} r ON r.vehicle_id = s.vehicle_id
    JOIN customers_vehicle v ON v.id = s.vehicle_id
    WHERE {scope} AND NOT s.is_gone AND s.customer_id IS NOT NULL
), reason AS MATERIALIZED (
    SELECT vehicle_id, 'due_call' AS kind, base_on::text AS cycle_key, false AS is_duty, 0 AS turn
    FROM car
    WHERE level <> 'none' AND NOT is_booked AND NOT is_lost
    UNION ALL
    SELECT vehicle_id, 'risk_call', high_on::text, is_duty, 0
    FROM car
    WHERE high_on IS NOT NULL AND NOT is_lost
        AND (last_visit_on IS NULL OR last_visit_on < high_on)
    UNION ALL
    SELECT vehicle_id, 'critical', survey_id::text, true, 0
    FROM car
    WHERE is_critical AND NOT is_lost
    UNION ALL
    SELECT car.vehicle_id, 'complaint', k.id::text, true, k.id
    FROM car
    JOIN customers_complaint k USING (vehicle_id)
    WHERE k.opened_on <= %(as_of)s AND (k.resolved_on IS NULL OR k.resolved_on > %(as_of)s)
    UNION ALL
    -- Opened only when nothing else is open on the car: whoever inserts looks.
    SELECT car.vehicle_id, 'overdue_30', base_on::text, false, 0
    FROM car
    JOIN policy p USING (store_id)
    WHERE days_overdue >= p.overdue_task_days AND NOT is_booked AND NOT is_lost
), here AS MATERIALIZED (
    SELECT m.id, ss.store_id, m.role, m.code
    FROM stores_staff m
    JOIN stores_staffstore ss ON ss.staff_id = m.id
    WHERE m.is_active AND ss.store_id = ANY(%(stores)s)
        AND NOT EXISTS (SELECT 1 FROM stores_absence a WHERE a.staff_id = m.id
                        AND %(as_of)s BETWEEN a.starts_on AND a.ends_on)
), stand_in AS MATERIALIZED (
    SELECT DISTINCT ON (a.staff_id) a.staff_id, a.stand_in_id AS id
    FROM stores_absence a
    JOIN stores_staff m ON m.id = a.stand_in_id AND m.is_active
    WHERE %(as_of)s BETWEEN a.starts_on AND a.ends_on
    ORDER BY a.staff_id, a.id DESC
), team AS MATERIALIZED (
    -- Customers whose advisor left are spread over the store's advisors, always the same way.
    SELECT store_id, array_agg(id ORDER BY code) AS ids
    FROM here
    WHERE role = 'advisor'
    GROUP BY 1
), manager AS MATERIALIZED (
    SELECT DISTINCT ON (store_id) store_id, id
    FROM (
        SELECT store_id, id, code, 1 AS rank FROM here WHERE role = 'manager'
        UNION ALL
        SELECT ss.store_id, stand_in.id, m.code, 2
        FROM stores_staff m
        JOIN stores_staffstore ss ON ss.staff_id = m.id AND ss.store_id = ANY(%(stores)s)
        JOIN stand_in ON stand_in.staff_id = m.id
        WHERE m.role = 'manager' AND m.is_active
        UNION ALL
        SELECT st.id, m.id, m.code, 3
        FROM stores_store st
        JOIN stores_staff m ON m.group_id = st.group_id
        WHERE m.role = 'group_manager' AND m.is_active AND st.id = ANY(%(stores)s)
    ) candidates
    ORDER BY store_id, rank, code
), person AS MATERIALIZED (
    SELECT DISTINCT ON (c.id) c.id AS customer_id, car.store_id, c.advisor_id,
           coalesce(fixed.id, stand_in.id, team.ids[1 + c.id %% cardinality(team.ids)], manager.id)
               AS advisor_now_id,
           manager.id AS manager_id
    FROM car
    JOIN customers_customer c ON c.id = car.customer_id
    LEFT JOIN here fixed ON fixed.id = c.advisor_id
    LEFT JOIN stand_in ON stand_in.staff_id = c.advisor_id
    LEFT JOIN team ON team.store_id = car.store_id
    LEFT JOIN manager ON manager.store_id = car.store_id
    ORDER BY c.id
), priced AS MATERIALIZED (
    SELECT reason.*, car.store_id, car.customer_id, car.policy_set_id,
           -- TASK-2, times the factor for each call since the last visit that was not connected.
           round(CASE WHEN car.days_overdue >= p.late_from_days THEN p.late_probability
                      WHEN car.days_overdue >= 1 THEN p.overdue_probability
                      WHEN car.level = 'orange' THEN p.orange_probability
                      ELSE p.yellow_probability END
                 * power(p.attempt_factor, car.calls_missed), 4) AS probability,
           round(CASE WHEN car.paid_visits > 0
                      THEN (car.paid_margin + car.paid_amount * p.margin_percent / 100.0)
                           / car.paid_visits
                      ELSE coalesce(median.profit, 0) END, 4) AS profit_amount
    FROM reason
    JOIN car USING (vehicle_id)
    JOIN policy p ON p.store_id = car.store_id
    LEFT JOIN median ON median.store_id = car.store_id AND median.powertrain = car.powertrain
)
SELECT priced.vehicle_id, priced.kind, priced.cycle_key, priced.store_id, priced.customer_id,
       priced.policy_set_id, priced.turn, owner.id AS owner_id,
       CASE WHEN owner.id <> person.advisor_id AND priced.kind NOT IN ('critical', 'complaint')
            THEN person.advisor_id END AS stands_in_for_id,
       CASE WHEN priced.is_duty THEN 0 ELSE 1 END AS priority_group,
       CASE WHEN priced.is_duty
            THEN (%(as_of)s + st.closes_at) AT TIME ZONE st.timezone END AS deadline_at,
       priced.probability, priced.profit_amount,
       round(priced.probability * priced.profit_amount, 4) AS value_amount
FROM priced
JOIN person ON person.customer_id = priced.customer_id
JOIN stores_store st ON st.id = priced.store_id,
LATERAL (
    SELECT CASE WHEN priced.kind IN ('critical', 'complaint')
                THEN coalesce(person.manager_id, person.advisor_now_id)
                ELSE person.advisor_now_id END AS id
) AS owner
