-- One row each time a car fell due: from a base (delivery or maintenance) to the next maintenance.
-- The due date is DUE-4's as it stood on the last day before that visit, or on as_of. A car that
-- came more than 30 days early never fell due. Of the last 26 months; reads {history}.
-- Down the row, car by car: OFFSET 0 computes a step once for all that use it. Days stand in order,
-- so width_bucket counts those up to a day by halving.
SELECT h.vehicle_id, h.store_id, h.customer_id, h.model, h.powertrain, h.is_gone, span.nth,
       span.base_on, span.next_on, due.due_on, h.days,
       h.days[width_bucket(due.due_on - 31, h.days) + 1] AS came_on
FROM {history} h,
LATERAL (
    SELECT n.nth, CASE WHEN n.nth = 0 THEN h.delivered_on ELSE h.services[n.nth] END AS base_on,
           h.services[n.nth + 1] AS next_on,
           coalesce(h.services[n.nth + 1] - 1, %(as_of)s) AS cut_on
    FROM generate_series(0, cardinality(h.services)) AS n(nth)
    WHERE h.services[n.nth + 1] IS NULL OR h.services[n.nth + 1] > %(as_of)s - 800
) AS span,
LATERAL (
    SELECT width_bucket(span.cut_on, h.reading_days) AS latest_at,
           -- The first of the 730 days before; it counts when it is not after the latest.
           width_bucket(span.cut_on - 730, h.reading_days) + 1 AS first_at,
           width_bucket(least(span.base_on, span.cut_on), h.reading_days) AS base_at
    OFFSET 0
) AS r,
LATERAL (
    SELECT coalesce(h.reading_days[r.latest_at], h.delivered_on) AS latest_on,
           coalesce(h.reading_km[r.latest_at], 0) AS latest_km,
           CASE WHEN span.nth = 0 THEN h.first_km
                ELSE coalesce(h.reading_km[r.base_at], 0) + h.interval_km END AS target_km,
           CASE WHEN h.delivered_on > span.cut_on - 730 THEN h.delivered_on
                WHEN r.first_at <= r.latest_at THEN h.reading_days[r.first_at] END AS window_on,
           CASE WHEN h.delivered_on > span.cut_on - 730 THEN 0
                WHEN r.first_at <= r.latest_at THEN h.reading_km[r.first_at] END AS window_km
    OFFSET 0
) AS placed,
LATERAL (
    SELECT CASE WHEN placed.window_on IS NULL THEN 0
                ELSE placed.latest_km - placed.window_km END
               + h.lean_days * h.default_km AS km,
           CASE WHEN placed.window_on IS NULL THEN 0
                ELSE placed.latest_on - placed.window_on END + h.lean_days AS days
    OFFSET 0
) AS pace,
LATERAL (
    SELECT CASE WHEN pace.km < pace.days THEN 1 WHEN pace.km > 500 * pace.days THEN 500
                ELSE pace.km END::bigint AS over,
           CASE WHEN pace.km < pace.days OR pace.km > 500 * pace.days THEN 1
                ELSE pace.days END::bigint AS under
    OFFSET 0
) AS daily,
LATERAL (
    SELECT least(
        CASE WHEN span.nth = 0
                 THEN (span.base_on + make_interval(months => h.first_months))::date
                     + CASE WHEN h.first_months = 0 THEN h.first_days ELSE 0 END
             ELSE (span.base_on + make_interval(months => h.months))::date END,
        CASE WHEN placed.latest_km < placed.target_km
                 THEN placed.latest_on
                     + (((placed.target_km - placed.latest_km) * daily.under + daily.over - 1)
                        / daily.over)::integer
             ELSE (SELECT u.on_date
                   FROM unnest(h.reading_days, h.reading_km) WITH ORDINALITY AS u(on_date, km, n)
                   WHERE u.km >= placed.target_km AND u.on_date >= span.base_on
                       AND u.on_date <= span.cut_on
                   ORDER BY u.n
                   LIMIT 1) END) AS due_on
    OFFSET 0
) AS due
WHERE due.due_on <= %(as_of)s AND (span.next_on IS NULL OR span.next_on >= due.due_on - 30)
