-- Owner, delivery and readings of the cars of new work orders hold still, in the order of ids.
SELECT count(*) FROM (
    SELECT v.id
    FROM customers_vehicle v
    WHERE v.id IN (
        SELECT c.id
        FROM import_stage s
        JOIN customers_vehicle c ON c.group_id = s.group_id AND c.vin = s.vin
        LEFT JOIN customers_visit t
            ON t.store_id = s.store_id AND t.work_order_no = s.work_order_no
        WHERE s.line > %(lo)s AND s.line <= %(hi)s AND t.id IS NULL
    )
    ORDER BY v.id
    FOR NO KEY UPDATE OF v
) locked
