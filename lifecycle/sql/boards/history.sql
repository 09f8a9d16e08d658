-- What the boards start from: each car of whole stores with its days in order, up to as_of.
-- One row a car that was delivered (or first seen) by as_of, whatever its status; {scope}
-- restricts `v`. A night makes it once as a table, a report has it as a step of its statement.
WITH {policy}, car AS MATERIALIZED (
    -- Whose car it was on the date: a buyer since then has no part in it.
    SELECT v.id AS vehicle_id, v.store_id, o.customer_id, v.brand, v.model, v.powertrain,
           v.delivered_on, v.warranty_months, v.warranty_km, c.advisor_id,
           coalesce(v.status <> 'active' AND (v.status_on IS NULL OR v.status_on <= %(as_of)s), false)
               OR coalesce(c.erased_on <= %(as_of)s, false)
               OR coalesce(c.merged_on <= %(as_of)s, false) AS is_gone
    FROM customers_vehicle v
    LEFT JOIN customers_ownership o ON o.vehicle_id = v.id
        AND coalesce(o.since_on, '-infinity') <= %(as_of)s
        AND coalesce(o.until_on, 'infinity') >= %(as_of)s
    LEFT JOIN customers_customer c ON c.id = o.customer_id
    WHERE {scope} AND (v.delivered_on IS NULL OR v.delivered_on <= %(as_of)s)
), car_class AS MATERIALIZED (
    SELECT DISTINCT store_id, brand, model, powertrain FROM car
), plan AS MATERIALIZED (
    -- DUE-1: the most specific plan wins.
    SELECT c.*, p.lean_days, f.first_months, f.first_days, f.first_km, f.months,
           f.km AS interval_km, f.daily_km AS default_km
    FROM car_class c
    JOIN policy p USING (store_id),
    LATERAL (
        SELECT p.plan -> 'plans' AS plans, 'model:' || c.brand || '|' || c.model AS of_model,
               'brand:' || c.brand AS of_brand, 'powertrain:' || c.powertrain AS of_powertrain
    ) AS names,
    LATERAL (
        SELECT CASE WHEN plans ? of_model THEN of_model
                    WHEN plans ? of_brand THEN of_brand
                    WHEN plans ? of_powertrain THEN of_powertrain
                    ELSE 'default' END AS key
    ) AS entry,
    LATERAL jsonb_to_record(plans -> entry.key) AS f(
        first_months integer, first_days integer, first_km integer,
        months integer, km integer, daily_km integer)
), work_order AS MATERIALIZED (
    SELECT w.vehicle_id, w.id, w.customer_id, w.arrived_at, w.arrived_on, w.odometer_km,
           w.is_reading_ok, w.kind, w.amount
    FROM car
    JOIN customers_visit w USING (vehicle_id)
    WHERE w.is_counted AND w.arrived_on <= %(as_of)s
        AND (w.void_on IS NULL OR w.void_on > %(as_of)s)
    -- Once in order, so that the steps below neither sort nor hash.
    ORDER BY w.vehicle_id, w.arrived_on, w.arrived_at, w.id
), visit_day AS MATERIALIZED (
    -- Work orders of one day are one visit: maintenance if any is, amounts add up.
    SELECT vehicle_id, arrived_on, bool_or(kind = 'maintenance') AS is_service,
           sum(amount) AS amount, max(customer_id) AS customer_id,
           coalesce(sum(amount) FILTER (WHERE kind = 'maintenance'), 0) AS service_amount
    FROM work_order
    GROUP BY 1, 2
), seen AS MATERIALIZED (
    SELECT vehicle_id,
           array_agg(arrived_on ORDER BY arrived_on) AS days,
           array_agg(amount ORDER BY arrived_on) AS amounts,
           array_agg(service_amount ORDER BY arrived_on) AS service_amounts,
           array_agg(customer_id ORDER BY arrived_on) AS owners,
           array_agg(arrived_on ORDER BY arrived_on) FILTER (WHERE is_service) AS services
    FROM visit_day
    GROUP BY 1
), reading AS MATERIALIZED (
    SELECT vehicle_id, array_agg(arrived_on ORDER BY arrived_on, arrived_at, id) AS days,
           array_agg(odometer_km ORDER BY arrived_on, arrived_at, id) AS km
    FROM work_order
    WHERE is_reading_ok
    GROUP BY 1
), survey AS MATERIALIZED (
    -- The answer to the first maintenance visit.
    SELECT DISTINCT ON (w.vehicle_id) w.vehicle_id, s.satisfaction
    FROM seen
    JOIN work_order w ON w.vehicle_id = seen.vehicle_id AND w.arrived_on = seen.services[1]
    JOIN customers_survey s ON s.visit_id = w.id
    WHERE s.answered_on <= %(as_of)s
    ORDER BY w.vehicle_id, s.answered_at DESC, s.id DESC
)
SELECT car.vehicle_id, car.store_id, car.customer_id, car.brand || ' ' || car.model AS model,
       car.powertrain, car.is_gone, coalesce(car.delivered_on, seen.days[1]) AS delivered_on,
       car.warranty_months, car.warranty_km,
       -- Whose customer it was from the beginning: a later owner does not inherit the past.
       coalesce(spell.advisor_id, car.advisor_id) AS advisor_id,
       plan.first_months, plan.first_days, plan.first_km, plan.months, plan.interval_km,
       plan.default_km, plan.lean_days,
       coalesce(seen.days, ARRAY[]::date[]) AS days,
       coalesce(seen.services, ARRAY[]::date[]) AS services,
       coalesce(seen.amounts, ARRAY[]::numeric[]) AS amounts,
       coalesce(seen.service_amounts, ARRAY[]::numeric[]) AS service_amounts,
       coalesce(seen.owners, ARRAY[]::bigint[]) AS owners,
       coalesce(reading.days, ARRAY[]::date[]) AS reading_days,
       coalesce(reading.km, ARRAY[]::integer[]) AS reading_km,
       survey.satisfaction,
       CASE WHEN survey.satisfaction >= 90 THEN 'high' WHEN survey.satisfaction >= 70 THEN 'mid'
            WHEN survey.satisfaction < 70 THEN 'low' ELSE '' END AS band
FROM car
LEFT JOIN plan ON plan.store_id = car.store_id AND plan.brand = car.brand
    AND plan.model = car.model AND plan.powertrain = car.powertrain
LEFT JOIN seen USING (vehicle_id)
LEFT JOIN reading USING (vehicle_id)
LEFT JOIN survey USING (vehicle_id)
LEFT JOIN lifecycle_advisorspell spell ON spell.customer_id = car.customer_id
    AND spell.since_on IS NULL
WHERE car.delivered_on IS NOT NULL OR seen.vehicle_id IS NOT NULL
