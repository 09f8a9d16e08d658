-- A VIN that arrives with another customer starts a new ownership (DOMAIN: what is known when).
-- The first owner's begins at owner_since, else with the car; a later one's at owner_since, else
-- on the day of receipt. Index: ownership by vehicle and first day.
DROP TABLE IF EXISTS import_owner;

CREATE TEMP TABLE import_owner AS
SELECT w.id AS vehicle_id, w.customer_id, p.id AS present_id, p.customer_id AS present_customer_id,
       CASE WHEN p.id IS NULL THEN w.owner_since
            ELSE coalesce(w.owner_since, w.today) END AS since_on
FROM import_work w
LEFT JOIN customers_ownership p ON p.vehicle_id = w.id AND p.until_on IS NULL
WHERE w.customer_id IS NOT NULL
    AND (p.id IS NULL OR p.customer_id <> w.customer_id
         OR w.owner_since IS NOT NULL AND p.since_on IS DISTINCT FROM w.owner_since);

-- The same owner's other first day, and owners since a day on which the car was already this one's.
DELETE FROM customers_ownership o
USING import_owner n
WHERE o.vehicle_id = n.vehicle_id
    AND (o.since_on >= n.since_on
         OR o.id = n.present_id AND n.present_customer_id = n.customer_id);

UPDATE customers_ownership o
SET until_on = n.since_on - 1
FROM import_owner n
WHERE o.vehicle_id = n.vehicle_id AND o.id = (
    SELECT l.id FROM customers_ownership l
    WHERE l.vehicle_id = n.vehicle_id
    ORDER BY l.since_on DESC NULLS LAST
    LIMIT 1
);

INSERT INTO customers_ownership (vehicle_id, customer_id, since_on)
SELECT vehicle_id, customer_id, since_on FROM import_owner;

INSERT INTO import_changed
SELECT w.id FROM import_owner n JOIN import_work w ON w.id = n.vehicle_id
WHERE NOT w.is_new
ON CONFLICT DO NOTHING
