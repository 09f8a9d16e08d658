-- RFM tier (SEG-1) and quadrant (SEG-2) of every customer with a visit, each within its own store.
-- {scope} restricts `c` ({customer_rollup}) and always names whole stores.
-- Every store has its policy and its cut: LEFT JOIN only keeps the planner from taking the many
-- rows for one, which whoever joins the result would pay for.
WITH {policy}, person AS MATERIALIZED (
    SELECT c.customer_id, c.store_id, c.last_visit_on, c.recent_visits, c.recent_amount,
           k.external_id,
           CASE WHEN c.recent_visits = 0 THEN 0
                -- Of whole cents: equal tickets are equal doubles.
                ELSE (c.recent_amount * 100)::bigint::float8 / c.recent_visits END AS ticket
    FROM {customer_rollup} c
    JOIN customers_customer k ON k.id = c.customer_id
    WHERE {scope} AND c.visits > 0 AND NOT c.is_gone
), ranked AS MATERIALIZED (
    -- percent_rank without its common divisor: (rank - 1), ties take the lowest rank.
    SELECT person.*,
           (rank() OVER (PARTITION BY store_id ORDER BY last_visit_on) - 1) * p.recency_weight
           + (rank() OVER (PARTITION BY store_id ORDER BY recent_visits) - 1) * p.frequency_weight
           + (rank() OVER (PARTITION BY store_id ORDER BY recent_amount) - 1) * p.money_weight
               AS composite
    FROM person
    LEFT JOIN policy p USING (store_id)
), placed AS MATERIALIZED (
    SELECT ranked.*, count(*) OVER (PARTITION BY store_id) AS people,
           row_number() OVER (
               PARTITION BY store_id
               ORDER BY composite DESC, recent_amount DESC, external_id COLLATE "C") AS place
    FROM ranked
), line AS MATERIALIZED (
    SELECT person.store_id, person.recent_visits, person.ticket,
           row_number() OVER (PARTITION BY person.store_id ORDER BY recent_visits) - 1
               AS visits_at,
           row_number() OVER (PARTITION BY person.store_id ORDER BY ticket) - 1 AS ticket_at,
           (count(*) OVER (PARTITION BY person.store_id) - 1) * p.frequency_percentile
               AS visits_cut,
           (count(*) OVER (PARTITION BY person.store_id) - 1) * p.ticket_percentile AS ticket_cut
    FROM person
    JOIN policy p USING (store_id)
), cut AS MATERIALIZED (
    -- The continuous percentile, its place in hundredths: percentile_cont's 0.81 x 100 is a hair
    -- above 81, and would leave out the customer who stands exactly there.
    SELECT store_id,
           max(recent_visits) FILTER (WHERE visits_at = visits_cut / 100)
                   * (100 - max(visits_cut) %% 100)
               + coalesce(max(recent_visits) FILTER (WHERE visits_at = visits_cut / 100 + 1), 0)
                   * (max(visits_cut) %% 100) AS visits_hundredfold,
           max(ticket) FILTER (WHERE ticket_at = ticket_cut / 100) AS ticket,
           max(ticket) FILTER (WHERE ticket_at = ticket_cut / 100 + 1) AS ticket_above,
           max(ticket_cut) %% 100 AS ticket_part
    FROM line
    GROUP BY 1
)
SELECT placed.customer_id, placed.store_id,
       CASE WHEN place <= (people * p.diamond_percent + 99) / 100 THEN 'diamond'
            WHEN place <= (people * p.gold_percent + 99) / 100 THEN 'gold'
            WHEN place <= (people * p.silver_percent + 99) / 100 THEN 'silver'
            ELSE 'regular' END AS rfm,
       CASE WHEN is_frequent AND is_high_ticket THEN 'vip'
            WHEN is_frequent THEN 'loyal'
            WHEN is_high_ticket THEN 'potential'
            ELSE 'regular' END AS quadrant
FROM placed
LEFT JOIN cut USING (store_id)
LEFT JOIN policy p USING (store_id),
LATERAL (
    SELECT placed.recent_visits * 100 >= cut.visits_hundredfold AS is_frequent,
           -- Between two neighbours lies no customer: only those at the upper one are above.
           CASE WHEN cut.ticket_part = 0 THEN placed.ticket >= cut.ticket
                ELSE placed.ticket >= cut.ticket_above OR cut.ticket_above = cut.ticket
                    AND placed.ticket >= cut.ticket END AS is_high_ticket
) AS standing
