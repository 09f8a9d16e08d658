-- TASK-6: the second-visit lane of one store as of a day, a row a car with one maintenance visit so
-- far. The statement ends with what the caller chooses: from `lane` (a row a car) or from `step`
-- (four a car). Whose customers is a condition on `c` (customers) and `s` (states).
-- The same conditions open the steps (wanted.sql). Indexes: task_once for a step's task,
-- alerts_outcometask (task) for what came of it.
WITH refused AS MATERIALIZED ({refused}), car AS MATERIALIZED (
    SELECT s.vehicle_id, s.customer_id, s.due_on, s.is_booked, r.base_on, r.last_visit_on,
           c.name, c.advisor_id, v.model, v.plate,
           s.customer_id IN (SELECT customer_id FROM refused) OR {declined} AS is_refused
    FROM lifecycle_vehiclerollup r
    JOIN lifecycle_vehiclestate s ON s.vehicle_id = r.vehicle_id
    JOIN customers_customer c ON c.id = s.customer_id
    JOIN customers_vehicle v ON v.id = s.vehicle_id
    WHERE r.store_id = %(store)s AND r.maintenance_visits = 1
        AND r.base_on > %(as_of)s - %(reach)s::integer
        AND NOT s.is_gone AND NOT s.is_lost AND {mine} AND {chosen}
        -- The first service was the present owner's.
        AND EXISTS (
            SELECT FROM customers_ownership o
            WHERE o.vehicle_id = s.vehicle_id AND o.customer_id = s.customer_id
                AND coalesce(o.since_on, '-infinity') <= r.base_on
                AND coalesce(o.until_on, 'infinity') >= r.base_on
            OFFSET 0)
), planned AS MATERIALIZED (
    -- `on_date`: the step's day; `until_on`: the last one on which it is in time.
    SELECT car.*, p.*
    FROM car,
    LATERAL (VALUES
        (1, 'second_visit_48h', car.base_on + %(call)s::integer, car.base_on + %(call)s::integer),
        (2, 'second_visit_7d', car.base_on + %(care)s::integer,
         car.base_on + 2 * %(care)s::integer),
        (3, 'second_visit_14d', car.due_on - %(booking)s::integer, car.due_on),
        (4, 'second_visit_3d', car.due_on - %(confirm)s::integer, car.due_on)
    ) AS p(nth, kind, on_date, until_on)
), step AS MATERIALIZED (
    SELECT p.vehicle_id, p.nth, p.kind, p.on_date, p.until_on, t.due_on AS rests_until_on,
           t.id IS NOT NULL AND t.closed_on IS NULL AS is_open, owner.name AS owner,
           o.result, o.who, o.at, o.agreed_on,
           CASE
               WHEN t.closed_as = 'done' OR (t.closed_on IS NOT NULL AND o.result IS NOT NULL)
                   THEN 'done'
               WHEN t.id IS NOT NULL AND t.closed_on IS NULL THEN
                   CASE WHEN p.until_on < %(as_of)s THEN 'missed'
                        WHEN t.due_on > %(as_of)s AND t.attempts = 0 THEN 'ahead'
                        ELSE 'open' END
               WHEN t.closed_as = 'visited'
                   OR (p.last_visit_on > p.base_on AND p.until_on >= p.last_visit_on)
                   THEN 'visited'
               WHEN p.is_booked AND (t.closed_as = 'booked' OR p.nth > 2) THEN 'booked'
               WHEN p.is_refused AND (t.id IS NOT NULL OR p.until_on >= %(as_of)s) THEN 'refused'
               WHEN p.until_on IS NULL OR p.until_on >= %(as_of)s THEN 'ahead'
               WHEN p.until_on < %(since)s THEN 'before'
               ELSE 'missed'
           END AS state
    FROM planned p
    LEFT JOIN alerts_task t ON t.vehicle_id = p.vehicle_id AND t.kind = p.kind
        AND t.cycle_key = p.base_on::text
    LEFT JOIN stores_staff owner ON owner.id = t.owner_id AND t.closed_on IS NULL
    LEFT JOIN LATERAL (
        SELECT k.result, m.name AS who, k.at, k.agreed_on
        FROM alerts_outcometask ot
        JOIN alerts_outcome k ON k.id = ot.outcome_id AND k.undone_at IS NULL
        JOIN stores_staff m ON m.id = k.staff_id
        WHERE ot.task_id = t.id
        ORDER BY k.at DESC, k.id DESC
        LIMIT 1
    ) AS o ON true
), gathered AS MATERIALIZED (
    SELECT vehicle_id,
           bool_or(state = 'missed') AS is_missed,
           bool_or(is_open AND state IN ('open', 'missed')) AS is_to_do,
           bool_or(state IN ('ahead', 'open', 'missed')
                   AND on_date BETWEEN %(monday)s AND %(monday)s + 6) AS is_this_week,
           min(until_on) FILTER (WHERE is_open AND state IN ('open', 'missed')) AS ends_on,
           min(on_date) FILTER (WHERE state = 'ahead') AS next_on,
           max(agreed_on) AS agreed_on
    FROM step
    GROUP BY 1
), lane AS (
    SELECT car.*, g.is_missed, g.is_this_week, g.agreed_on,
           -- What needs doing: open steps by the end of their time, then what comes next.
           CASE WHEN g.is_to_do THEN 0 WHEN g.next_on IS NOT NULL THEN 1 ELSE 2 END AS turn,
           coalesce(g.ends_on, g.next_on, car.due_on) AS turns_on
    FROM car
    JOIN gathered g USING (vehicle_id)
)
{choose}
