-- One row a customer: visits and amounts of the days the cars were the customer's (readings.md).
-- {scope} restricts `c` (customers_customer). Index: visit by customer and date.
WITH person AS MATERIALIZED (
    SELECT c.id AS customer_id, c.store_id, c.erased_on, c.merged_on
    FROM customers_customer c
    WHERE {scope}
), work_order AS MATERIALIZED (
    SELECT w.customer_id, w.vehicle_id, w.arrived_on, w.amount, w.void_on,
           w.arrived_on <= %(as_of)s AND (w.void_on IS NULL OR w.void_on > %(as_of)s) AS is_known
    FROM person
    JOIN customers_visit w USING (customer_id)
    WHERE w.is_counted
), visit_day AS MATERIALIZED (
    SELECT customer_id, vehicle_id, arrived_on, sum(amount) AS amount
    FROM work_order
    WHERE is_known
    GROUP BY 1, 2, 3
), visits AS MATERIALIZED (
    SELECT customer_id, count(*) AS visits, min(arrived_on) AS first_on, max(arrived_on) AS last_on,
           sum(amount) AS amount,
           count(*) FILTER (WHERE arrived_on > %(as_of)s - 730) AS recent_visits,
           coalesce(sum(amount) FILTER (WHERE arrived_on > %(as_of)s - 730), 0) AS recent_amount,
           min(arrived_on + 730) FILTER (WHERE arrived_on > %(as_of)s - 730) AS ages_on
    FROM visit_day
    GROUP BY 1
), later_order AS MATERIALIZED (
    SELECT customer_id,
           least(min(arrived_on) FILTER (WHERE arrived_on > %(as_of)s),
                 min(void_on) FILTER (WHERE void_on > %(as_of)s)) AS ages_on
    FROM work_order
    GROUP BY 1
), delivery AS MATERIALIZED (
    SELECT o.customer_id,
           min(v.delivered_on) FILTER (WHERE v.delivered_on <= %(as_of)s) AS first_on,
           min(v.delivered_on) FILTER (WHERE v.delivered_on > %(as_of)s) AS ages_on
    FROM person
    JOIN customers_ownership o USING (customer_id)
    JOIN customers_vehicle v ON v.id = o.vehicle_id
        AND v.delivered_on >= coalesce(o.since_on, '-infinity')
        AND v.delivered_on <= coalesce(o.until_on, 'infinity')
    GROUP BY 1
)
SELECT person.customer_id, person.store_id, %(as_of)s::date AS computed_on,
       least(visits.ages_on, later_order.ages_on, delivery.ages_on,
             CASE WHEN person.erased_on > %(as_of)s THEN person.erased_on END,
             CASE WHEN person.merged_on > %(as_of)s THEN person.merged_on END) AS ages_on,
       coalesce(person.erased_on <= %(as_of)s, false)
           OR coalesce(person.merged_on <= %(as_of)s, false) AS is_gone,
       coalesce(visits.visits, 0) AS visits, visits.last_on AS last_visit_on,
       least(visits.first_on, delivery.first_on) AS first_fact_on,
       coalesce(visits.amount, 0) AS amount, coalesce(visits.recent_visits, 0) AS recent_visits,
       coalesce(visits.recent_amount, 0) AS recent_amount
FROM person
LEFT JOIN visits USING (customer_id)
LEFT JOIN later_order USING (customer_id)
LEFT JOIN delivery USING (customer_id)
