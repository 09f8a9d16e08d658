-- The cells of some stores' boards, summed over whatever is not asked for. {which} chooses one value
-- of the split, {by} names the column to keep apart. Index: board_cell_once.
SELECT board, period, item, part{by}, sum(n)::bigint AS n, sum(hits)::bigint AS hits,
       sum(amount) AS amount
FROM lifecycle_boardcell
WHERE store_id = ANY(%(stores)s) AND board = ANY(%(boards)s) AND split = %(split)s{which}
GROUP BY board, period, item, part{by}
ORDER BY board, period, item, part{by}
