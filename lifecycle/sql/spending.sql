-- What was entered as spent in each month from %(first)s to %(last)s, beside what the months of the
-- same stores brought: `is_both` where a store entered both purposes. Indexes: spending_once,
-- board_cell_once.
WITH entered AS MATERIALIZED (
    SELECT store_id, to_char(month_on, 'YYYY-MM') AS month, purpose, amount,
           count(*) OVER (PARTITION BY store_id, month_on) = 2 AS is_both
    FROM lifecycle_spending
    WHERE store_id = ANY(%(stores)s) AND month_on BETWEEN %(first)s AND %(last)s
), brought AS MATERIALIZED (
    SELECT store_id, period, item,
           coalesce(sum(amount) FILTER (WHERE board = 'revenue'), 0) AS revenue,
           coalesce(sum(n) FILTER (WHERE board = 'arrivals'), 0) AS came
    FROM lifecycle_boardcell
    WHERE store_id = ANY(%(stores)s) AND board IN ('revenue', 'arrivals') AND split = ''
        AND EXISTS (SELECT FROM entered)
    GROUP BY 1, 2, 3
)
SELECT e.month, e.purpose, e.is_both, count(*)::integer AS stores, sum(e.amount) AS amount,
       coalesce(sum(b.revenue), 0) AS revenue, coalesce(sum(b.came), 0)::integer AS came
FROM entered e
LEFT JOIN brought b ON b.store_id = e.store_id AND b.period = e.month AND b.item = e.purpose
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
