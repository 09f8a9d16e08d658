-- The models of some stores' cars in use, of all stores together or one by one as in board_cells.
WITH whole AS MATERIALIZED (SELECT {whole} AS is_kept)
SELECT model
FROM lifecycle_boardcell
WHERE store_id IS NULL AND (SELECT is_kept FROM whole) AND board = 'cars' AND split = 'model'
UNION
SELECT model
FROM lifecycle_boardcell
WHERE store_id = ANY(%(stores)s) AND NOT (SELECT is_kept FROM whole)
    AND board = 'cars' AND split = 'model'
ORDER BY 1
