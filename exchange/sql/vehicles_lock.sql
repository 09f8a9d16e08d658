-- Two loads that name the same car take turns, in the order of ids.
SELECT count(*) FROM (
    SELECT v.id
    FROM import_stage s
    JOIN customers_vehicle v ON v.group_id = s.group_id AND v.vin = s.vin
    WHERE s.line > %(lo)s AND s.line <= %(hi)s
    ORDER BY v.id
    FOR NO KEY UPDATE OF v
) locked
