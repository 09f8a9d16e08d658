-- Who came: a row each customer and month of the last 25, and each customer and stretch of full
-- months (`period` then 12m, 12m-1, …). `item` new where the customer's first visit lies in it,
-- returning where a later one does, so somebody can be both; `amount` is that of these visits.
WITH stretch AS MATERIALIZED (
    SELECT s.name, (%(month)s - make_interval(months => s.first))::date AS from_on,
           (%(month)s - make_interval(months => s.last))::date AS until_on
    FROM (VALUES ('12m', 12, 0), ('12m-1', 24, 12), ('6m', 6, 0), ('6m-1', 12, 6),
                 ('3m', 3, 0), ('3m-1', 6, 3)) AS s(name, first, last)
), month AS MATERIALIZED (
    -- Once a customer and month: the stretches add up months, not visits.
    SELECT g.customer_id, m.month_on, m.item, m.amount
    FROM {guest} g, LATERAL (
        SELECT v.on_date - extract(day FROM v.on_date)::integer + 1 AS month_on,
               CASE WHEN v.n = 1 THEN 'new' ELSE 'returning' END AS item, sum(v.amount) AS amount
        FROM unnest(g.days, g.amounts) WITH ORDINALITY AS v(on_date, amount, n)
        WHERE v.on_date >= %(month)s - interval '25 months'
        GROUP BY 1, 2
    ) AS m
), came AS (
    SELECT customer_id, to_char(month_on, 'YYYY-MM') AS period, item, amount FROM month
    UNION ALL
    SELECT m.customer_id, s.name, m.item, sum(m.amount)
    FROM month m
    JOIN stretch s ON m.month_on >= s.from_on AND m.month_on < s.until_on
    GROUP BY 1, 2, 3
)
SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_id, g.model, g.powertrain, '' AS band,
       c.period, c.item, '' AS part, true AS is_hit, c.amount
FROM came c
JOIN {guest} g USING (customer_id)
