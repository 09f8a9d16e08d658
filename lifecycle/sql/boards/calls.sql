-- What each person's calls came to: a row each outgoing call of the last 25 months, by its month and
-- whoever made it (`advisor_id` is that person). `item` called, hit when connected; `item` booked:
-- a row each call with a booking, hit when a visit of the customer followed within 30 days.
SELECT g.store_id, g.customer_id, coalesce(k.vehicle_id, g.vehicle_id) AS vehicle_id,
       k.staff_id AS advisor_id, g.model, g.powertrain, '' AS band,
       to_char(k.happened_on, 'YYYY-MM') AS period, kind.item, kind.part, kind.is_hit, 0 AS amount
FROM {guest} g
JOIN customers_contact k USING (customer_id),
LATERAL (VALUES
    ('called', k.outcome, k.outcome IN ('connected', 'booked', 'refused', 'callback')),
    ('booked', '', EXISTS (
        SELECT FROM unnest(g.days) AS d WHERE d >= k.happened_on AND d <= k.happened_on + 30)))
    AS kind(item, part, is_hit)
WHERE k.channel = 'phone' AND k.direction = 'out' AND k.staff_id IS NOT NULL
    AND k.happened_on <= %(as_of)s AND k.happened_on >= %(month)s - interval '25 months'
    AND (kind.item = 'called' OR k.outcome = 'booked')
