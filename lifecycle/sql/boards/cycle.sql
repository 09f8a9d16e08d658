-- One row each time a car fell due: from a base (delivery or maintenance) to the next maintenance.
-- The due date is DUE-4's as it stood on the last day before that visit, or on as_of. A car that
-- came more than 30 days early never fell due. Of the last 26 months; reads {history}.
WITH span AS MATERIALIZED (
    SELECT h.*, n.nth,
           CASE WHEN n.nth = 0 THEN h.delivered_on ELSE h.services[n.nth] END AS base_on,
           h.services[n.nth + 1] AS next_on,
           coalesce(h.services[n.nth + 1] - 1, %(as_of)s) AS cut_on
    FROM {history} h, LATERAL generate_series(0, cardinality(h.services)) AS n(nth)
    WHERE h.services[n.nth + 1] IS NULL
        OR h.services[n.nth + 1] > %(as_of)s - 800
), reading AS MATERIALIZED (
    SELECT span.vehicle_id, span.nth, known.*
    FROM span, LATERAL (
        SELECT coalesce(max(r.n), 0) AS latest_at,
               min(r.n) FILTER (WHERE r.on_date > span.cut_on - 730) AS first_at,
               coalesce(max(r.n) FILTER (WHERE r.on_date <= span.base_on), 0) AS base_at,
               -- Readings come in order of arrival, so days never fall.
               count(*) AS readings
        FROM unnest(span.reading_days) WITH ORDINALITY AS r(on_date, n)
        WHERE r.on_date <= span.cut_on
    ) AS known
), placed AS MATERIALIZED (
    SELECT span.*, r.latest_at,
           coalesce(span.reading_days[r.latest_at], span.delivered_on) AS latest_on,
           coalesce(span.reading_km[r.latest_at], 0) AS latest_km,
           CASE WHEN span.nth = 0 THEN 0 ELSE coalesce(span.reading_km[r.base_at], 0) END AS base_km,
           CASE WHEN span.delivered_on > span.cut_on - 730 THEN span.delivered_on
                ELSE span.reading_days[r.first_at] END AS window_on,
           CASE WHEN span.delivered_on > span.cut_on - 730 THEN 0
                ELSE span.reading_km[r.first_at] END AS window_km
    FROM span
    JOIN reading r USING (vehicle_id, nth)
), pace AS MATERIALIZED (
    SELECT p.*,
           CASE WHEN p.nth = 0
                    THEN (p.base_on + make_interval(months => p.first_months))::date
                        + CASE WHEN p.first_months = 0 THEN p.first_days ELSE 0 END
                ELSE (p.base_on + make_interval(months => p.months))::date END AS time_due_on,
           p.base_km + CASE WHEN p.nth = 0 THEN p.first_km ELSE p.interval_km END AS target_km,
           CASE WHEN p.window_on IS NULL THEN 0 ELSE p.latest_km - p.window_km END
               + p.lean_days * p.default_km AS full_km,
           CASE WHEN p.window_on IS NULL THEN 0 ELSE p.latest_on - p.window_on END
               + p.lean_days AS full_days
    FROM placed p
), due AS MATERIALIZED (
    SELECT pace.*,
           least(time_due_on, CASE WHEN latest_km < target_km
               THEN latest_on + (((target_km - latest_km) * b.daily_under + b.daily_over - 1)
                                 / b.daily_over)::integer
               ELSE (SELECT u.on_date
                     FROM unnest(pace.reading_days, pace.reading_km) WITH ORDINALITY
                         AS u(on_date, km, n)
                     WHERE u.km >= pace.target_km AND u.on_date >= pace.base_on
                         AND u.on_date <= pace.cut_on
                     ORDER BY u.n
                     LIMIT 1) END) AS due_on
    FROM pace,
    LATERAL (
        SELECT CASE WHEN full_km < full_days THEN 1 WHEN full_km > 500 * full_days THEN 500
                    ELSE full_km END::bigint AS daily_over,
               CASE WHEN full_km < full_days OR full_km > 500 * full_days THEN 1
                    ELSE full_days END::bigint AS daily_under
    ) AS b
)
SELECT due.vehicle_id, due.store_id, due.customer_id, due.model, due.powertrain, due.is_gone,
       due.nth, due.base_on, due.next_on, due.due_on, due.days,
       (SELECT min(d) FROM unnest(due.days) AS d WHERE d >= due.due_on - 30) AS came_on
FROM due
WHERE due.due_on <= %(as_of)s AND (due.next_on IS NULL OR due.next_on >= due.due_on - 30)
