-- Each customer of whole stores with the visits of the days the cars were the customer's, in order,
-- up to as_of; one visit a car and day. {scope} restricts `c`.
WITH person AS MATERIALIZED (
    SELECT c.id AS customer_id, c.store_id, c.advisor_id AS advisor_now, c.referred_by_id,
           coalesce(c.erased_on <= %(as_of)s, false)
               OR coalesce(c.merged_on <= %(as_of)s, false) AS is_gone
    FROM customers_customer c
    WHERE {scope}
), visit_day AS MATERIALIZED (
    SELECT w.customer_id, w.vehicle_id, w.arrived_on, sum(w.amount) AS amount,
           coalesce(sum(w.amount) FILTER (WHERE w.kind = 'maintenance'), 0) AS service_amount
    FROM (
        -- In order, so that no step below sorts or hashes.
        SELECT v.customer_id, v.vehicle_id, v.arrived_on, v.amount, v.kind
        FROM person
        JOIN customers_visit v USING (customer_id)
        WHERE v.is_counted AND v.arrived_on <= %(as_of)s
            AND (v.void_on IS NULL OR v.void_on > %(as_of)s)
        ORDER BY v.customer_id, v.arrived_on, v.vehicle_id
        OFFSET 0
    ) AS w
    GROUP BY w.customer_id, w.arrived_on, w.vehicle_id
), seen AS MATERIALIZED (
    SELECT customer_id,
           array_agg(arrived_on ORDER BY arrived_on, vehicle_id) AS days,
           array_agg(vehicle_id ORDER BY arrived_on, vehicle_id) AS vehicles,
           array_agg(amount ORDER BY arrived_on, vehicle_id) AS amounts,
           array_agg(service_amount ORDER BY arrived_on, vehicle_id) AS service_amounts,
           array_agg(spent ORDER BY arrived_on, vehicle_id) AS spent
    FROM (
        SELECT visit_day.*, sum(amount) OVER (
            PARTITION BY customer_id ORDER BY arrived_on, vehicle_id ROWS UNBOUNDED PRECEDING
        ) AS spent
        FROM visit_day
    ) AS d
    GROUP BY 1
), car AS MATERIALIZED (
    -- The car a customer is counted under: that of the first visit, else the oldest owned. Who
    -- bought a used car is a customer from that day on, not from its delivery; who waits for a
    -- new one, from its delivery.
    SELECT person.customer_id,
           coalesce(seen.vehicles[1], min(v.id) FILTER (
               WHERE coalesce(o.until_on, 'infinity') >= %(as_of)s)) AS vehicle_id,
           min(greatest(v.delivered_on, o.since_on)) FILTER (
               WHERE v.id IS NOT NULL
                   AND greatest(v.delivered_on, o.since_on) <= coalesce(o.until_on, 'infinity')
           ) AS got_on
    FROM person
    LEFT JOIN seen USING (customer_id)
    LEFT JOIN customers_ownership o ON o.customer_id = person.customer_id
        AND coalesce(o.since_on, '-infinity') <= %(as_of)s
    LEFT JOIN customers_vehicle v ON v.id = o.vehicle_id
        AND coalesce(v.delivered_on, '-infinity') <= %(as_of)s
    GROUP BY person.customer_id, seen.vehicles[1]
)
SELECT person.*, coalesce(spell.advisor_id, person.advisor_now) AS advisor_id, car.vehicle_id,
       least(seen.days[1], car.got_on) AS first_fact_on,
       coalesce(v.brand || ' ' || v.model, '') AS model, coalesce(v.powertrain, '') AS powertrain,
       coalesce(seen.days, ARRAY[]::date[]) AS days,
       coalesce(seen.vehicles, ARRAY[]::bigint[]) AS vehicles,
       coalesce(seen.amounts, ARRAY[]::numeric[]) AS amounts,
       coalesce(seen.service_amounts, ARRAY[]::numeric[]) AS service_amounts,
       -- With the n-th visit and all before it: a stretch's amount is a difference of two.
       coalesce(seen.spent, ARRAY[]::numeric[]) AS spent
FROM person
LEFT JOIN seen USING (customer_id)
LEFT JOIN car USING (customer_id)
LEFT JOIN customers_vehicle v ON v.id = car.vehicle_id
LEFT JOIN lifecycle_advisorspell spell ON spell.customer_id = person.customer_id
    AND spell.since_on IS NULL
