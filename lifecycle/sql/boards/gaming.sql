-- Fairness (DOMAIN §8): what makes a scorecard look better than the work behind it. Last 25 months.
-- `item` bulk: a row each outgoing call that was not connected, by whoever made it; hit when it is
-- one of five or more such calls of this person within five minutes: nobody dials that fast.
-- `item` moved: a row each customer who became lost, by the owner 30 days before (the scorecard's
-- figures are the owner's at the start); hit when somebody else had the customer on the day.
WITH missed AS MATERIALIZED (
    SELECT g.store_id, g.customer_id, coalesce(k.vehicle_id, g.vehicle_id) AS vehicle_id,
           k.staff_id, k.happened_on, k.happened_at, k.id,
           k.happened_at - lag(k.happened_at, 4) OVER calls <= interval '5 minutes' AS ends_burst
    FROM {guest} g
    JOIN customers_contact k USING (customer_id)
    WHERE k.channel = 'phone' AND k.direction = 'out' AND k.staff_id IS NOT NULL
        AND k.outcome IN ('no_answer', 'busy', 'off', 'wrong_number')
        AND k.happened_on <= %(as_of)s AND k.happened_on >= %(month)s - interval '25 months'
    WINDOW calls AS (PARTITION BY g.store_id, k.staff_id ORDER BY k.happened_at, k.id)
), lost AS MATERIALIZED (
    SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_now, t.changed_on
    FROM {guest} g
    JOIN lifecycle_stagetransition t USING (customer_id)
    WHERE t.to_stage = 'lost' AND NOT g.is_gone
        AND t.changed_on <= %(as_of)s AND t.changed_on >= %(month)s - interval '25 months'
), handed AS (
    SELECT l.*, before.advisor_id AS advisor_before, after.advisor_id AS advisor_after
    FROM lost l
    LEFT JOIN LATERAL (
        SELECT s.advisor_id FROM lifecycle_advisorspell s
        WHERE s.customer_id = l.customer_id
            AND coalesce(s.since_on, '-infinity') <= l.changed_on - 30
        ORDER BY s.since_on DESC NULLS LAST LIMIT 1) AS before ON true
    LEFT JOIN LATERAL (
        SELECT s.advisor_id FROM lifecycle_advisorspell s
        WHERE s.customer_id = l.customer_id AND coalesce(s.since_on, '-infinity') <= l.changed_on
        ORDER BY s.since_on DESC NULLS LAST LIMIT 1) AS after ON true
)
SELECT store_id, customer_id, vehicle_id, staff_id AS advisor_id, '' AS model, '' AS powertrain,
       '' AS band, to_char(happened_on, 'YYYY-MM') AS period, 'bulk' AS item, '' AS part,
       coalesce(bool_or(ends_burst) OVER (
           PARTITION BY store_id, staff_id ORDER BY happened_at, id
           ROWS BETWEEN CURRENT ROW AND 4 FOLLOWING), false) AS is_hit, 0 AS amount
FROM missed
UNION ALL
SELECT store_id, customer_id, vehicle_id, coalesce(advisor_before, advisor_now), '', '', '',
       to_char(changed_on, 'YYYY-MM'), 'moved', '',
       coalesce(advisor_before <> advisor_after, false), 0
FROM handed
