-- A visit belongs to the owner of its day and counts from the delivery on; {scope} restricts `o`.
-- Cars of which that changes are read again. Index: ownership by vehicle, visit by vehicle.
WITH right_now AS MATERIALIZED (
    SELECT o.id, w.customer_id,
           v.delivered_on IS NULL OR v.delivered_on <= o.arrived_on AS is_counted
    FROM customers_visit o
    JOIN customers_vehicle v ON v.id = o.vehicle_id
    LEFT JOIN customers_ownership w ON w.vehicle_id = o.vehicle_id
        AND coalesce(w.since_on, '-infinity') <= o.arrived_on
        AND coalesce(w.until_on, 'infinity') >= o.arrived_on
    WHERE {scope}
), kept AS (
    UPDATE customers_visit o
    SET customer_id = n.customer_id, is_counted = n.is_counted
    FROM right_now n
    WHERE n.id = o.id
        AND (o.customer_id, o.is_counted) IS DISTINCT FROM (n.customer_id, n.is_counted)
    RETURNING o.vehicle_id
), to_read AS (
    INSERT INTO import_readings SELECT DISTINCT vehicle_id FROM kept
)
INSERT INTO import_vehicle SELECT DISTINCT vehicle_id FROM kept
