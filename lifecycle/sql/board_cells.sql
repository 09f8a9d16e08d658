-- The cells of some stores' boards, summed over whatever is not asked for; of one value of a split
-- where one is chosen. When the stores asked for are all there are and their sum is kept
-- (services.group), that is read, else each store's.
-- Index: board_cell_once.
WITH whole AS MATERIALIZED (
    SELECT {whole} AS is_kept
), cell AS (
    SELECT c.*
    FROM lifecycle_boardcell c
    WHERE c.store_id IS NULL AND (SELECT is_kept FROM whole)
        AND board = ANY(%(boards)s) AND split = %(split)s{which}
    UNION ALL
    SELECT c.*
    FROM lifecycle_boardcell c
    WHERE c.store_id = ANY(%(stores)s) AND NOT (SELECT is_kept FROM whole)
        AND board = ANY(%(boards)s) AND split = %(split)s{which}
)
SELECT board, period, item, part{by}, sum(n)::bigint AS n, sum(hits)::bigint AS hits,
       sum(amount) AS amount
FROM cell
GROUP BY board, period, item, part{by}
ORDER BY board, period, item, part{by}
