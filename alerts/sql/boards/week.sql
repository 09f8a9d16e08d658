-- A store's weeks: a row each thing that happened in one of the last 14 weeks up to as_of, the begun
-- one included; `period` is its ISO week (2026-W25), Monday to Sunday of the store's own calendar.
-- called: an outgoing call, hit when connected; booked: one that ended with a booking. Both belong
-- to whoever called, everything else to the customer's advisor, of a visit and its answer to that
-- of the customer who had the car then.
-- arrived: a day on which a customer came who had booked by phone in the 30 days before.
-- visited: a car's visit day, hit when maintenance, with its amount.
-- due: a car whose 30 days after due ran out in the week, hit when it was answered (due_answered).
-- red, orange: a maintenance warning that began at this level; lost, back: a customer who became
-- lost, or came back from it, the erased and the merged left out. Known of weeks that began after a
-- store's first day only; of those there is one row `known` a store.
-- complained: a complaint that was opened; open: one not settled when the week ended (or as_of).
-- csat: an answer, the satisfaction its amount.
WITH window_ AS MATERIALIZED (
    SELECT date_trunc('week', %(as_of)s::date)::date - 91 AS from_on, %(as_of)s::date AS until_on
), week AS MATERIALIZED (
    SELECT w.monday::date AS monday, least(w.monday::date + 6, until_on) AS end_on
    FROM window_, generate_series(from_on, until_on, interval '7 days') AS w(monday)
), started AS MATERIALIZED (
    -- The first night opens at once what had been open for long: that is no news of its week.
    SELECT store_id, min(opened_on) AS on_date
    FROM alerts_warning
    WHERE store_id = ANY(%(stores)s)
    GROUP BY 1
), called AS MATERIALIZED (
    SELECT g.store_id, g.customer_id, coalesce(k.vehicle_id, g.vehicle_id) AS vehicle_id,
           k.staff_id, g.model, g.powertrain, g.days, k.happened_on, k.outcome
    FROM {guest} g
    JOIN customers_contact k USING (customer_id)
    CROSS JOIN window_ w
    WHERE k.channel = 'phone' AND k.direction = 'out'
        AND k.happened_on BETWEEN w.from_on - 30 AND w.until_on
), fact AS (
    SELECT store_id, customer_id, vehicle_id, staff_id AS advisor_id, model, powertrain,
           happened_on AS on_date, kind.item, kind.is_hit, 0 AS amount
    FROM called,
    LATERAL (VALUES
        ('called', outcome IN ('connected', 'booked', 'refused', 'callback'), true),
        ('booked', true, outcome = 'booked')) AS kind(item, is_hit, counts)
    WHERE kind.counts AND happened_on >= (SELECT from_on FROM window_)
    UNION ALL
    SELECT DISTINCT c.store_id, c.customer_id, g.vehicle_id, g.advisor_id, c.model, c.powertrain,
           d.on_date, 'arrived', true, 0
    FROM called c
    JOIN {guest} g USING (customer_id),
    LATERAL unnest(c.days) AS d(on_date)
    WHERE c.outcome = 'booked' AND d.on_date BETWEEN c.happened_on AND c.happened_on + 30
    UNION ALL
    SELECT h.store_id, v.customer_id, h.vehicle_id, g.advisor_id, h.model, h.powertrain, v.on_date,
           'visited', v.on_date = ANY(h.services), v.amount
    FROM {history} h
    CROSS JOIN LATERAL unnest(h.days, h.amounts, h.owners) AS v(on_date, amount, customer_id)
    LEFT JOIN {guest} g ON g.customer_id = v.customer_id
    WHERE v.on_date >= (SELECT from_on FROM window_)
    UNION ALL
    SELECT c.store_id, c.customer_id, c.vehicle_id, h.advisor_id, c.model, c.powertrain,
           c.due_on + 30, 'due',
           coalesce(c.came_on <= c.due_on + 30, false) OR coalesce(k.is_booked, false), 0
    FROM {cycle} c
    JOIN {history} h USING (vehicle_id)
    LEFT JOIN {care} k USING (vehicle_id, nth)
    WHERE c.due_on + 30 <= %(as_of)s
    UNION ALL
    SELECT h.store_id, h.customer_id, h.vehicle_id, h.advisor_id, h.model, h.powertrain, a.opened_on,
           a.level, true, 0
    FROM {history} h
    JOIN alerts_warning a USING (vehicle_id)
    JOIN started s ON s.store_id = h.store_id
    WHERE a.kind = 'due' AND a.level IN ('red', 'orange') AND a.opened_on > s.on_date
    UNION ALL
    SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_id, g.model, g.powertrain,
           t.changed_on, CASE WHEN t.to_stage = 'lost' THEN 'lost' ELSE 'back' END, true, 0
    FROM {guest} g
    JOIN lifecycle_stagetransition t USING (customer_id)
    JOIN started s ON s.store_id = g.store_id
    WHERE t.from_stage <> '' AND 'lost' IN (t.from_stage, t.to_stage) AND NOT t.is_reconstructed
        AND t.changed_on > s.on_date AND NOT g.is_gone
    UNION ALL
    SELECT h.store_id, h.customer_id, h.vehicle_id, h.advisor_id, h.model, h.powertrain, k.opened_on,
           'complained', true, 0
    FROM {history} h
    JOIN customers_complaint k USING (vehicle_id)
    UNION ALL
    SELECT h.store_id, h.customer_id, h.vehicle_id, h.advisor_id, h.model, h.powertrain, w.end_on,
           'open', k.opened_on >= w.monday, 0
    FROM {history} h
    JOIN customers_complaint k USING (vehicle_id)
    JOIN week w ON k.opened_on <= w.end_on AND coalesce(k.resolved_on > w.end_on, true)
    UNION ALL
    SELECT h.store_id, v.customer_id, h.vehicle_id, g.advisor_id, h.model, h.powertrain,
           y.answered_on, 'csat', true, y.satisfaction
    FROM {history} h
    JOIN customers_survey y USING (vehicle_id)
    JOIN customers_visit v ON v.id = y.visit_id
    LEFT JOIN {guest} g ON g.customer_id = v.customer_id
    WHERE v.is_counted AND v.arrived_on <= %(as_of)s AND (v.void_on IS NULL OR v.void_on > %(as_of)s)
    UNION ALL
    SELECT s.store_id, NULL::bigint, NULL::bigint, NULL::bigint, '', '', w.monday, 'known', true, 0
    FROM started s
    JOIN week w ON w.monday > s.on_date
)
SELECT f.store_id, f.customer_id, f.vehicle_id, f.advisor_id, f.model, f.powertrain, '' AS band,
       to_char(f.on_date, 'IYYY-"W"IW') AS period, f.item, '' AS part, f.is_hit, f.amount
FROM fact f
-- Not of window_: so the filter reaches the scans of each kind of fact.
WHERE f.on_date >= date_trunc('week', %(as_of)s::date)::date - 91 AND f.on_date <= %(as_of)s
