-- Whether each store's list is right: one row a store, as of its own day (null: it has none).
-- `refused` are customers who may be neither called nor written to.
-- Reads the stores' rollups, open tasks and overdue states by their indexes on the store.
WITH day AS MATERIALIZED (
    SELECT *
    FROM unnest(%(stores)s::bigint[], %(days)s::date[], %(overdue)s::integer[])
        AS d(store_id, as_of, overdue_days)
), refused AS MATERIALIZED ({refused}), car AS MATERIALIZED (
    SELECT r.store_id, max(r.last_visit_on) AS visit_on,
           max(r.outgoing_on) AS contact_on
    FROM lifecycle_vehiclerollup r
    WHERE r.store_id = ANY(%(stores)s)
    GROUP BY 1
), stated AS MATERIALIZED (
    SELECT s.store_id, count(*) AS cars
    FROM lifecycle_vehiclestate s
    WHERE s.store_id = ANY(%(stores)s)
    GROUP BY 1
), known AS MATERIALIZED (
    SELECT v.store_id, count(*) AS cars
    FROM customers_vehicle v
    WHERE v.store_id = ANY(%(stores)s)
    GROUP BY 1
), warned AS MATERIALIZED (
    SELECT w.store_id, w.vehicle_id, w.kind, w.level
    FROM alerts_warning w
    WHERE w.store_id = ANY(%(stores)s) AND w.closed_on IS NULL
), standing AS MATERIALIZED (
    -- What the cars' states say by themselves (WARN-1): each such level has its warning.
    SELECT s.store_id, s.vehicle_id, k.kind, l.level
    FROM lifecycle_vehiclestate s
    CROSS JOIN (VALUES ('due'), ('risk'), ('lost')) AS k(kind)
    CROSS JOIN LATERAL (
        SELECT CASE k.kind WHEN 'due' THEN nullif(s.level, 'none')
                           WHEN 'risk' THEN nullif(s.risk_level, 'low')
                           ELSE nullif(s.phase, '') END AS level
    ) AS l
    WHERE s.store_id = ANY(%(stores)s) AND NOT s.is_gone AND l.level IS NOT NULL
), differing AS MATERIALIZED (
    SELECT store_id, count(*) AS warnings
    FROM standing
    FULL JOIN warned w USING (store_id, vehicle_id, kind)
    WHERE standing.level IS DISTINCT FROM w.level
    GROUP BY 1
), called AS MATERIALIZED (
    SELECT DISTINCT t.vehicle_id
    FROM alerts_task t
    WHERE t.store_id = ANY(%(stores)s) AND t.closed_on IS NULL
), asking AS MATERIALIZED (
    -- The cars with a warning, each by the first of these that holds.
    SELECT store_id, count(*) AS cars,
           count(*) FILTER (WHERE fate = 'called') AS called,
           count(*) FILTER (WHERE fate = 'booked') AS booked,
           count(*) FILTER (WHERE fate = 'lost') AS lost,
           count(*) FILTER (WHERE fate = 'refused') AS refused,
           count(*) FILTER (WHERE fate = 'answered') AS answered
    FROM (
        SELECT w.store_id,
               CASE WHEN w.vehicle_id IN (SELECT vehicle_id FROM called) THEN 'called'
                    WHEN s.is_booked THEN 'booked'
                    WHEN s.is_lost THEN 'lost'
                    WHEN s.customer_id IS NULL
                        OR s.customer_id IN (SELECT customer_id FROM refused) THEN 'refused'
                    WHEN EXISTS (
                        SELECT FROM alerts_task t
                        WHERE t.vehicle_id = w.vehicle_id AND t.kind IN ('due_call', 'overdue_30')
                            AND t.cycle_key = r.base_on::text) THEN 'answered' END AS fate
        FROM (SELECT DISTINCT store_id, vehicle_id FROM warned) AS w
        LEFT JOIN lifecycle_vehiclestate s ON s.vehicle_id = w.vehicle_id
        LEFT JOIN lifecycle_vehiclerollup r ON r.vehicle_id = w.vehicle_id
    ) AS car
    GROUP BY 1
), task AS MATERIALIZED (
    SELECT t.store_id, t.customer_id, t.owner_id, t.kind, t.due_on <= d.as_of AS is_due,
           s.is_gone, o.is_active
    FROM alerts_task t
    JOIN day d ON d.store_id = t.store_id
    LEFT JOIN lifecycle_vehiclestate s ON s.vehicle_id = t.vehicle_id
    LEFT JOIN stores_staff o ON o.id = t.owner_id
    WHERE t.closed_on IS NULL AND t.store_id = ANY(%(stores)s)
), listed AS MATERIALIZED (
    SELECT store_id, count(*) FILTER (WHERE is_due) AS tasks,
           count(DISTINCT customer_id) FILTER (WHERE is_due) AS cards,
           count(*) AS open_tasks,
           count(*) FILTER (WHERE is_due AND is_active) AS on_lists,
           count(DISTINCT owner_id) FILTER (WHERE is_due AND is_active) AS people,
           count(*) FILTER (WHERE NOT is_due AND is_active) AS for_later,
           count(*) FILTER (WHERE NOT is_active) AS of_left,
           count(*) FILTER (WHERE owner_id IS NULL) AS without_owner,
           -- A reminder and a correction outlive the car.
           count(*) FILTER (WHERE is_gone AND kind NOT IN ('reminder', 'correct_data')) AS of_gone
    FROM task
    GROUP BY 1
), doubled AS MATERIALIZED (
    -- TASK-1: one call a customer. What is the manager's or somebody's own is no second one.
    SELECT store_id, count(*) AS customers
    FROM (
        SELECT store_id, customer_id
        FROM task
        WHERE is_due
            AND kind NOT IN ('complaint', 'critical', 'reminder', 'correct_data')
        GROUP BY 1, 2
        HAVING count(DISTINCT owner_id) > 1
    ) AS twice
    GROUP BY 1
), forgotten AS MATERIALIZED (
    -- TASK-6: long overdue, to be called, and no task of this service was ever opened.
    SELECT s.store_id, count(*) AS cars
    FROM lifecycle_vehiclestate s
    JOIN day d ON d.store_id = s.store_id
    JOIN lifecycle_vehiclerollup r ON r.vehicle_id = s.vehicle_id
    WHERE s.store_id = ANY(%(stores)s) AND s.level = 'red' AND NOT s.is_gone
        AND NOT s.is_booked AND NOT s.is_lost AND s.customer_id IS NOT NULL
        AND d.as_of - s.due_on >= d.overdue_days
        AND s.customer_id NOT IN (SELECT customer_id FROM refused)
        AND NOT EXISTS (
            SELECT FROM alerts_task t
            WHERE t.vehicle_id = s.vehicle_id AND t.kind IN ('due_call', 'overdue_30')
                AND t.cycle_key = r.base_on::text)
    GROUP BY 1
), unsettled AS MATERIALIZED (
    SELECT v.store_id, count(DISTINCT m.vehicle_id) AS cars
    FROM customers_dirtyvehicle m
    JOIN customers_vehicle v ON v.id = m.vehicle_id
    WHERE m.marked_at < %(waited_since)s AND v.store_id = ANY(%(stores)s)
    GROUP BY 1
)
SELECT d.store_id, coalesce(known.cars, 0) AS cars, coalesce(stated.cars, 0) AS computed,
       car.visit_on, car.contact_on,
       coalesce(asking.cars, 0) AS warned, coalesce(asking.called, 0) AS called,
       coalesce(asking.booked, 0) AS booked, coalesce(asking.lost, 0) AS lost,
       coalesce(asking.refused, 0) AS refused, coalesce(asking.answered, 0) AS answered, coalesce(differing.warnings, 0) AS differing,
       coalesce(listed.open_tasks, 0) AS open_tasks, coalesce(listed.on_lists, 0) AS on_lists,
       coalesce(listed.people, 0) AS people, coalesce(listed.for_later, 0) AS for_later,
       coalesce(listed.of_left, 0) AS of_left, coalesce(listed.tasks, 0) AS tasks, coalesce(listed.cards, 0) AS cards,
       coalesce(listed.without_owner, 0) AS without_owner, coalesce(listed.of_gone, 0) AS of_gone,
       coalesce(doubled.customers, 0) AS doubled, coalesce(forgotten.cars, 0) AS forgotten,
       coalesce(unsettled.cars, 0) AS unsettled
FROM day d
LEFT JOIN known USING (store_id)
LEFT JOIN stated USING (store_id)
LEFT JOIN car USING (store_id)
LEFT JOIN asking USING (store_id)
LEFT JOIN differing USING (store_id)
LEFT JOIN listed USING (store_id)
LEFT JOIN doubled USING (store_id)
LEFT JOIN forgotten USING (store_id)
LEFT JOIN unsettled USING (store_id)
