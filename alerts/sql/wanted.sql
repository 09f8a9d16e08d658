-- The tasks that the states ask for, with owner and priority (DOMAIN §4), beside what is kept of them
-- in {tasks}; one row a task. Besides, the open tasks nothing asks for any more or that a person
-- opened: their owners are kept right, too.
-- {scope} restricts `s` ({state}); {rollup} holds the same vehicles.
-- A car is joined once, with everything its tasks need: the planner knows the tables' sizes but
-- takes a fenced step for a handful of rows, and would join two of them row against row. What only
-- some cars need is looked up for these, one by one (OFFSET 0 keeps it so); whether a car is in a
-- small set is asked of a hash (IN).
WITH {policy}, here AS MATERIALIZED (
    SELECT m.id, ss.store_id, m.role, m.code
    FROM stores_staff m
    JOIN stores_staffstore ss ON ss.staff_id = m.id
    WHERE m.is_active AND ss.store_id = ANY(%(stores)s)
        AND NOT EXISTS (SELECT 1 FROM stores_absence a WHERE a.staff_id = m.id
                        AND %(as_of)s BETWEEN a.starts_on AND a.ends_on)
), stand_in AS MATERIALIZED (
    -- One who is away, too, stands in for nobody.
    SELECT DISTINCT ON (a.staff_id) a.staff_id, a.stand_in_id AS id
    FROM stores_absence a
    JOIN stores_staff m ON m.id = a.stand_in_id AND m.is_active
    WHERE %(as_of)s BETWEEN a.starts_on AND a.ends_on
        AND NOT EXISTS (SELECT 1 FROM stores_absence o WHERE o.staff_id = a.stand_in_id
                        AND %(as_of)s BETWEEN o.starts_on AND o.ends_on)
    ORDER BY a.staff_id, a.id DESC
), team AS MATERIALIZED (
    -- Customers whose advisor left, or is away without a stand-in, are spread over the store's
    -- advisors, always the same way.
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
), refused AS MATERIALIZED ({refused}), car AS MATERIALIZED (
    SELECT s.vehicle_id, s.store_id, s.customer_id, s.policy_set_id, s.is_gone, s.level,
           s.is_booked, s.is_lost, s.is_critical, s.survey_id, s.high_on, s.is_duty, r.base_on,
           r.last_visit_on, r.outgoing_on, r.confirmed_on, v.powertrain, c.advisor_id,
           p.manager_id, p.closes_at, p.timezone,
           %(as_of)s - s.due_on >= p.overdue_task_days AS is_task_overdue, p.overdue_task_days,
           s.customer_id IN (SELECT customer_id FROM refused) AS is_unreachable,
           s.vehicle_id IN (
               SELECT t.vehicle_id
               FROM {tasks} t
               WHERE t.closed_on IS NULL AND t.kind NOT IN ({surely_wanted}) AND {task_scope}
           ) AS is_standing,
           r.base_on + p.lane_call_days AS lane_call_on,
           -- TASK-6: the steps of the second-visit lane that are open to a car with one service.
           CASE WHEN r.maintenance_visits = 1 AND r.last_visit_on = r.base_on AND NOT s.is_lost
               THEN nullif(array_remove(ARRAY[
                   CASE WHEN %(as_of)s <= r.base_on + p.lane_call_days
                        THEN 'second_visit_48h' END,
                   CASE WHEN %(as_of)s BETWEEN r.base_on + p.lane_care_days
                                       AND r.base_on + 2 * p.lane_care_days
                        THEN 'second_visit_7d' END,
                   CASE WHEN %(as_of)s > r.base_on AND NOT s.is_booked
                            AND %(as_of)s BETWEEN s.due_on - p.lane_booking_days AND s.due_on
                        THEN 'second_visit_14d' END,
                   -- An appointment of today or tomorrow is confirmed as every other.
                   CASE WHEN %(as_of)s > r.base_on
                            AND (r.confirmed_on IS NULL OR r.confirmed_on > %(as_of)s + 1)
                            AND %(as_of)s BETWEEN s.due_on - p.lane_confirm_days AND s.due_on
                        THEN 'second_visit_3d' END], NULL), '{{}}') END AS lane,
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
    LEFT JOIN here present ON present.id = c.advisor_id AND present.store_id = s.store_id
    LEFT JOIN stand_in ON stand_in.staff_id = c.advisor_id
    WHERE {scope}
), alive AS NOT MATERIALIZED (
    SELECT * FROM car WHERE NOT is_gone
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
    -- `deadline_on`: the day at whose closing time a duty ends.
    SELECT alive.*, 'due_call' AS kind, base_on::text AS cycle_key, NULL::date AS deadline_on,
           0 AS turn
    FROM alive
    WHERE level <> 'none' AND NOT is_booked AND NOT is_lost AND NOT is_unreachable
    UNION ALL
    SELECT alive.*, 'risk_call', high_on::text, CASE WHEN is_duty THEN %(as_of)s END, 0
    FROM alive
    WHERE high_on IS NOT NULL AND NOT is_lost AND NOT is_unreachable
        AND (last_visit_on IS NULL OR last_visit_on < high_on)
        -- RISK-2: one attempt fulfils the duty, also the one whose failure made the level high.
        AND NOT CASE WHEN outgoing_on >= high_on THEN {phoned} ELSE false END
    UNION ALL
    SELECT alive.*, 'critical', survey_id::text, %(as_of)s, 0
    FROM alive
    WHERE is_critical AND NOT is_lost
    UNION ALL
    SELECT alive.*, 'complaint', k.id::text, %(as_of)s,
           row_number() OVER (PARTITION BY vehicle_id ORDER BY k.opened_at, k.id)
    FROM alive
    JOIN customers_complaint k USING (vehicle_id)
    WHERE k.opened_on <= %(as_of)s AND (k.resolved_on IS NULL OR k.resolved_on > %(as_of)s)
    UNION ALL
    -- Opened only when nothing else is open on the car: whoever inserts looks.
    SELECT alive.*, 'overdue_30', base_on::text, NULL, 0
    FROM alive
    WHERE is_task_overdue AND NOT is_booked AND NOT is_lost AND NOT is_unreachable
    UNION ALL
    SELECT alive.*, 'booking_confirm', a.id || ':' || a.starts_on, %(as_of)s,
           row_number() OVER (PARTITION BY vehicle_id ORDER BY a.starts_at, a.id)
    FROM alive,
    LATERAL (
        -- One made the day before, or later, has just been confirmed.
        SELECT a.id, a.starts_on, a.starts_at
        FROM customers_appointment a
        WHERE a.vehicle_id = alive.vehicle_id
            AND a.starts_on BETWEEN %(as_of)s AND %(as_of)s + 1
            AND (a.created_on IS NULL OR a.created_on < a.starts_on - 1)
            AND {confirmed}
        OFFSET 0
    ) AS a
    WHERE confirmed_on <= %(as_of)s + 1 AND (last_visit_on IS NULL OR last_visit_on < %(as_of)s)
    UNION ALL
    SELECT alive.*, step.kind, base_on::text,
           CASE WHEN step.kind = 'second_visit_48h' THEN lane_call_on END, 0
    FROM alive, unnest(lane) AS step(kind)
    WHERE lane IS NOT NULL AND NOT is_unreachable
        -- The first service was the present owner's.
        AND EXISTS (
            SELECT FROM customers_ownership o
            WHERE o.vehicle_id = alive.vehicle_id AND o.customer_id = alive.customer_id
                AND coalesce(o.since_on, '-infinity') <= base_on
                AND coalesce(o.until_on, 'infinity') >= base_on
            OFFSET 0)
        AND NOT (step.kind IN ('second_visit_14d', 'second_visit_3d') AND {declined})
    UNION ALL
    -- Twice in part, with the same figures: what is asked for may be open. Whether it is, is asked of
    -- the car's tasks alone: an index of all open ones would be gone through for every car.
    SELECT car.*, t.kind, t.cycle_key, NULL, 0
    FROM car,
    LATERAL (
        SELECT t.kind, t.cycle_key, t.closed_on
        FROM {tasks} t
        WHERE t.vehicle_id = car.vehicle_id
        OFFSET 0
    ) AS t
    WHERE is_standing AND t.closed_on IS NULL AND t.kind NOT IN ({surely_wanted})
)
SELECT reason.vehicle_id, reason.kind, reason.cycle_key, reason.store_id, reason.customer_id,
       reason.policy_set_id, reason.turn, reason.confirmed_on IS NOT NULL AS is_confirmed,
       owner.id AS owner_id, owner.stands_in_for_id,
       CASE WHEN deadline_on IS NULL THEN 1 ELSE 0 END AS priority_group,
       (deadline_on + closes_at) AT TIME ZONE timezone AS deadline_at,
       -- The call within two days of the first service waits for the day after it.
       CASE WHEN reason.kind = 'second_visit_48h' THEN greatest(base_on + 1, %(as_of)s)
            ELSE %(as_of)s END AS due_on,
       worth.probability, worth.profit_amount, worth.value_amount,
       t.id AS task_id, t.closed_as, reason.overdue_task_days,
       coalesce(t.owner_id IS DISTINCT FROM owner.id, false) AS is_given,
       t.closed_on IS NULL
           AND (t.owner_id IS DISTINCT FROM owner.id
                OR t.stands_in_for_id IS DISTINCT FROM owner.stands_in_for_id
                OR t.probability <> worth.probability OR t.profit_amount <> worth.profit_amount
                OR t.value_amount <> worth.value_amount)
           AS is_changed
FROM reason
LEFT JOIN median USING (store_id, powertrain)
LEFT JOIN {tasks} t ON t.vehicle_id = reason.vehicle_id AND t.kind = reason.kind
    AND t.cycle_key = reason.cycle_key,
LATERAL (
    -- TASK-5: whom it was given to by hand, or who stands in; else the manager or the advisor.
    SELECT coalesce(
               CASE WHEN t.assigned_to_id IS NOT NULL THEN coalesce(
                   (SELECT here.id FROM here
                    WHERE here.id = t.assigned_to_id AND here.store_id = reason.store_id),
                   (SELECT stand_in.id FROM stand_in WHERE stand_in.staff_id = t.assigned_to_id))
               END,
               CASE WHEN reason.kind IN ('critical', 'complaint') THEN manager_id END,
               advisor_now_id) AS id,
           -- Whose customer it is; a reminder is its author's.
           CASE WHEN reason.kind = 'reminder' THEN t.assigned_to_id
                WHEN reason.kind NOT IN ('critical', 'complaint') THEN advisor_id END AS home_id
    OFFSET 0
) AS named,
LATERAL (
    SELECT named.id, CASE WHEN named.id <> named.home_id THEN named.home_id END AS stands_in_for_id
) AS owner,
LATERAL (
    -- The exact product: rounded factors would put cars of nearly the same value out of order.
    -- What is no call for a visit keeps the worth it was opened with.
    SELECT CASE WHEN is_kept THEN t.probability ELSE round(reason.probability, 4) END
               AS probability,
           CASE WHEN is_kept THEN t.profit_amount ELSE round(profit, 4) END AS profit_amount,
           CASE WHEN is_kept THEN t.value_amount ELSE round(reason.probability * profit, 4) END
               AS value_amount
    FROM (SELECT coalesce(reason.own_profit, median.profit, 0) AS profit,
                 reason.kind IN ('callback', 'correct_data', 'reminder') AS is_kept) AS facts
) AS worth
