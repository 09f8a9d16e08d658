-- One row a customer: stage by the visits and by the states of the active cars (LIFE-1), value
-- (SEG-3). {scope} restricts `c` ({customer_rollup}); {state} holds the cars' states.
WITH {policy}, person AS MATERIALIZED (
    -- Of several cars the one that is least idle; a car without a due date is not overdue.
    SELECT DISTINCT ON (c.customer_id) c.*, car.idle_days AS least_idle_days
    FROM {customer_rollup} c
    LEFT JOIN {state} s ON s.customer_id = c.customer_id AND NOT s.is_gone,
    LATERAL (
        SELECT CASE WHEN s.vehicle_id IS NOT NULL
                    THEN coalesce(%(as_of)s - s.idle_from_on, -1) END AS idle_days
    ) AS car
    WHERE {scope}
    ORDER BY c.customer_id, car.idle_days
)
SELECT person.customer_id, person.store_id, p.policy_set_id, person.is_gone,
       CASE WHEN person.least_idle_days >= p.lost_days THEN 'lost'
            WHEN person.least_idle_days >= p.decline_days THEN 'decline'
            WHEN person.visits = 0 THEN 'awareness'
            WHEN person.visits = 1 THEN 'first_experience'
            WHEN person.visits < p.maturity_visits THEN 'growth'
            ELSE 'maturity' END AS stage,
       -- Exact: amount x 365 against the limit x days, never a rounded quotient.
       CASE WHEN person.visits = 0 THEN 'low'
            WHEN person.amount * 365 > p.high_amount * span.days THEN 'high'
            WHEN person.amount * 365 >= p.mid_amount * span.days THEN 'mid'
            ELSE 'low' END AS value_tier,
       CASE WHEN person.visits = 0 THEN 0
            ELSE round(person.amount * 365 / span.days, 2) END AS yearly_amount
FROM person
JOIN policy p ON p.store_id = person.store_id,
LATERAL (
    SELECT greatest(person.last_visit_on - person.first_fact_on, 365)::bigint AS days
) AS span
