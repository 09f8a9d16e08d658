-- Whether each store's list is right: one row a store, as of its own day (null: it has none).
-- `refused` are customers who may be neither called nor written to.
-- Reads the stores' rollups, open tasks and overdue states by their indexes on the store.
WITH day AS MATERIALIZED (
    SELECT *
    FROM unnest(%(stores)s::bigint[], %(days)s::date[], %(overdue)s::integer[])
        AS d(store_id, as_of, overdue_days)
), refused AS MATERIALIZED ({refused}), car AS MATERIALIZED (
    SELECT r.store_id, count(*) AS cars, max(r.last_visit_on) AS visit_on,
           max(r.outgoing_on) AS contact_on
    FROM lifecycle_vehiclerollup r
    WHERE r.store_id = ANY(%(stores)s)
    GROUP BY 1
), task AS MATERIALIZED (
    SELECT t.store_id, t.customer_id, t.owner_id, t.kind, t.due_on <= d.as_of AS is_due,
           s.is_gone
    FROM alerts_task t
    JOIN day d ON d.store_id = t.store_id
    LEFT JOIN lifecycle_vehiclestate s ON s.vehicle_id = t.vehicle_id
    WHERE t.closed_on IS NULL AND t.store_id = ANY(%(stores)s)
), listed AS MATERIALIZED (
    SELECT store_id, count(*) FILTER (WHERE is_due) AS tasks,
           count(DISTINCT customer_id) FILTER (WHERE is_due) AS cards,
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
SELECT d.store_id, coalesce(car.cars, 0) AS cars, car.visit_on, car.contact_on,
       coalesce(listed.tasks, 0) AS tasks, coalesce(listed.cards, 0) AS cards,
       coalesce(listed.without_owner, 0) AS without_owner, coalesce(listed.of_gone, 0) AS of_gone,
       coalesce(doubled.customers, 0) AS doubled, coalesce(forgotten.cars, 0) AS forgotten,
       coalesce(unsettled.cars, 0) AS unsettled
FROM day d
LEFT JOIN car USING (store_id)
LEFT JOIN listed USING (store_id)
LEFT JOIN doubled USING (store_id)
LEFT JOIN forgotten USING (store_id)
LEFT JOIN unsettled USING (store_id)
