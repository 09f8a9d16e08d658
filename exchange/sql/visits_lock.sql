-- Owner, delivery and readings of the cars of new work orders hold still, in the order of ids.
SELECT count(*) FROM (
    SELECT v.id
    FROM customers_vehicle v
    WHERE (v.group_id, v.vin) IN (
        SELECT s.group_id, s.vin
        FROM import_stage s
        LEFT JOIN customers_visit t
            ON t.store_id = s.store_id AND t.work_order_no = s.work_order_no
        WHERE s.line > %(lo)s AND s.line <= %(hi)s AND t.id IS NULL
    )
    ORDER BY v.id
    FOR NO KEY UPDATE OF v
) locked
