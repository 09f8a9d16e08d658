-- The tasks that the states ask for, with owner and priority (DOMAIN §4); one row a task.
-- {scope} restricts `s` ({state}); {rollup} holds the same vehicles.
-- A car is joined once, with everything its tasks need: the planner knows the tables' sizes but
-- takes a fenced step for a handful of rows, and would join two of them row against row.
WITH {policy}, here AS MATERIALIZED (
    SELECT m.id, ss.store_id, m.role, m.code
    FROM stores_staff m
    JOIN stores_staffstore ss ON ss.staff_id = m.id
    WHERE m.is_active AND ss.store_id = ANY(%(stores)s)
        AND NOT EXISTS (SELECT 1 FROM stores_absence a WHERE a.staff_id = m.id
                        AND %(as_of)s BETWEEN a.starts_on AND a.ends_on)
), present AS MATERIALIZED (
    SELECT DISTINCT id FROM here
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
), house AS MATERIALIZED (
    -- One row a store.
    SELECT p.*, st.closes_at, st.timezone, team.ids AS team_ids, manager.id AS manager_id
    FROM policy p
    JOIN stores_store st ON st.id = p.store_id
    LEFT JOIN team ON team.store_id = p.store_id
    LEFT JOIN manager ON manager.store_id = p.store_id
), car AS MATERIALIZED (
    SELECT s.vehicle_id, s.store_id, s.customer_id, s.policy_set_id, s.level, s.is_booked,
           s.is_lost, s.is_critical, s.survey_id, s.high_on, s.is_duty, r.base_on,
           r.last_visit_on, v.powertrain, c.advisor_id, p.manager_id,
           %(as_of)s - s.due_on >= p.overdue_task_days AS is_task_overdue,
           (%(as_of)s + p.closes_at) AT TIME ZONE p.timezone AS closing_at,
           coalesce(present.id, stand_in.id,
                    p.team_ids[1 + c.id %% cardinality(p.team_ids)], p.manager_id)
               AS advisor_now_id,
           -- TASK-2, times the factor for each call since the last visit that was not connected.
           CASE WHEN %(as_of)s - s.due_on >= p.late_from_days THEN p.late_probability
                WHEN %(as_of)s - s.due_on >= 1 THEN p.overdue_probability
                WHEN s.level = 'orange' THEN p.orange_probability
                ELSE p.yellow_probability END
               * power(p.attempt_factor, r.calls_missed) AS probability,
           CASE WHEN r.paid_visits > 0
                THEN (r.paid_margin + r.paid_amount * p.margin_percent / 100.0) / r.paid_visits
                END AS own_profit
    FROM {state} s
    JOIN {rollup} r ON r.vehicle_id = s.vehicle_id
    JOIN customers_vehicle v ON v.id = s.vehicle_id
    JOIN customers_customer c ON c.id = s.customer_id
    JOIN house p ON p.store_id = s.store_id
    LEFT JOIN present ON present.id = c.advisor_id
    LEFT JOIN stand_in ON stand_in.staff_id = c.advisor_id
    WHERE {scope} AND NOT s.is_gone
), median AS MATERIALIZED (
    -- TASK-2: a car without a paid maintenance takes the median of its powertrain in the store.
    -- Reads the whole store, so only when there is such a car.
    SELECT r.store_id, v.powertrain,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY
               (r.paid_margin + r.paid_amount * p.margin_percent / 100.0) / r.paid_visits)::numeric
               AS profit
    FROM {rollup} r
    JOIN customers_vehicle v ON v.id = r.vehicle_id
    JOIN policy p ON p.store_id = r.store_id
    WHERE r.paid_visits > 0 AND r.store_id = ANY(%(stores)s)
        AND (SELECT bool_or(own_profit IS NULL) FROM car)
    GROUP BY 1, 2
), reason AS MATERIALIZED (
    SELECT car.*, 'due_call' AS kind, base_on::text AS cycle_key, false AS by_deadline, 0 AS turn
    FROM car
    WHERE level <> 'none' AND NOT is_booked AND NOT is_lost
    UNION ALL
    SELECT car.*, 'risk_call', high_on::text, is_duty, 0
    FROM car
    WHERE high_on IS NOT NULL AND NOT is_lost
        AND (last_visit_on IS NULL OR last_visit_on < high_on)
    UNION ALL
    SELECT car.*, 'critical', survey_id::text, true, 0
    FROM car
    WHERE is_critical AND NOT is_lost
    UNION ALL
    SELECT car.*, 'complaint', k.id::text, true,
           row_number() OVER (PARTITION BY vehicle_id ORDER BY k.opened_at, k.id)
    FROM car
    JOIN customers_complaint k USING (vehicle_id)
    WHERE k.opened_on <= %(as_of)s AND (k.resolved_on IS NULL OR k.resolved_on > %(as_of)s)
    UNION ALL
    -- Opened only when nothing else is open on the car: whoever inserts looks.
    SELECT car.*, 'overdue_30', base_on::text, false, 0
    FROM car
    WHERE is_task_overdue AND NOT is_booked AND NOT is_lost
)
SELECT reason.vehicle_id, reason.kind, reason.cycle_key, reason.store_id, reason.customer_id,
       reason.policy_set_id, reason.turn, owner.id AS owner_id,
       CASE WHEN owner.id <> reason.advisor_id AND NOT owner.is_duty_of_manager
            THEN reason.advisor_id END AS stands_in_for_id,
       CASE WHEN by_deadline THEN 0 ELSE 1 END AS priority_group,
       CASE WHEN by_deadline THEN closing_at END AS deadline_at,
       round(reason.probability, 4) AS probability, round(worth.profit, 4) AS profit_amount,
       -- The exact product: rounded factors would put cars of nearly the same value out of order.
       round(reason.probability * worth.profit, 4) AS value_amount
FROM reason
LEFT JOIN median USING (store_id, powertrain),
LATERAL (
    SELECT kind IN ('critical', 'complaint') AS is_duty_of_manager,
           CASE WHEN kind IN ('critical', 'complaint') THEN coalesce(manager_id, advisor_now_id)
                ELSE advisor_now_id END AS id
) AS owner,
LATERAL (
    SELECT coalesce(reason.own_profit, median.profit, 0) AS profit
) AS worth
