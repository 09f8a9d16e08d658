-- KPI-1: what each advisor's customers did in a stretch of full months; `period` names it. Members
-- belong to the owner when the stretch began (else to their first one), whoever has them now.
-- `item` came: a row each customer due in the stretch whose 90 days have run out, hit when it came.
-- revenue: a row each visit, with its amount; `part` its month, for targets are a month's; hit when
-- the customer is one of those `owned`.
-- csat: a row each answer, the satisfaction its amount. nps: hit a promoter, `part` promoter, passive,
-- detractor. owned: a row each customer there when it began, hit when lost before its end (`part`
-- lost for those who were lost already: never hit).
WITH stretch AS MATERIALIZED (
    SELECT s.name, (%(month)s - make_interval(months => s.first))::date AS from_on,
           (%(month)s - make_interval(months => s.last))::date AS until_on
    FROM (VALUES ('12m', 12, 0), ('12m-1', 24, 12), ('6m', 6, 0), ('6m-1', 12, 6),
                 ('3m', 3, 0), ('3m-1', 6, 3)) AS s(name, first, last)
), spell AS MATERIALIZED (
    SELECT a.customer_id,
           array_agg(coalesce(a.since_on, '-infinity') ORDER BY a.since_on NULLS FIRST) AS days,
           array_agg(a.advisor_id ORDER BY a.since_on NULLS FIRST) AS advisors
    FROM {guest} g
    JOIN lifecycle_advisorspell a USING (customer_id)
    GROUP BY 1
), move AS MATERIALIZED (
    SELECT t.customer_id, array_agg(t.changed_on ORDER BY t.changed_on) AS days,
           array_agg(t.from_stage ORDER BY t.changed_on) AS left_stages,
           array_agg(t.to_stage ORDER BY t.changed_on) AS new_stages
    FROM {guest} g
    JOIN lifecycle_stagetransition t USING (customer_id)
    WHERE t.changed_on <= %(as_of)s
    GROUP BY 1
), person AS MATERIALIZED (
    -- Without the arrays: six rows a customer. Days stand in order, so width_bucket counts those up
    -- to a day by halving.
    SELECT g.store_id, g.customer_id, g.vehicle_id, g.model, g.powertrain, t.name, t.from_on,
           t.until_on, n.start, n.last, stood.stage,
           CASE WHEN spell.customer_id IS NULL THEN g.advisor_now
                ELSE spell.advisors[greatest(width_bucket(t.from_on, spell.days), 1)]
           END AS advisor_id,
           stood.stage IS NOT NULL AND NOT g.is_gone AS is_owned,
           coalesce('lost' = ANY(move.new_stages[
               width_bucket(t.from_on - 1, move.days) + 1
               : width_bucket(t.until_on - 1, move.days)]), false) AS has_been_lost
    FROM {guest} g
    CROSS JOIN stretch t
    LEFT JOIN {customer_state} s USING (customer_id)
    LEFT JOIN spell USING (customer_id)
    LEFT JOIN move USING (customer_id),
    LATERAL (
        SELECT width_bucket(t.from_on - 1, g.days) AS start,
               width_bucket(t.until_on - 1, g.days) AS last
    ) AS n,
    LATERAL (
        SELECT CASE WHEN g.first_fact_on < t.from_on THEN coalesce(
                   move.new_stages[width_bucket(t.from_on - 1, move.days)],
                   move.left_stages[1], s.stage) END AS stage
        OFFSET 0
    ) AS stood
), due AS MATERIALIZED (
    -- The first time one of the customer's cars fell due in the stretch decides.
    SELECT DISTINCT ON (t.name, c.customer_id) t.name, c.customer_id, c.vehicle_id,
           coalesce(c.came_on <= c.due_on + 90, false) AS has_come
    FROM {cycle} c
    JOIN stretch t ON c.due_on >= t.from_on AND c.due_on < t.until_on
    WHERE c.due_on + 90 <= %(as_of)s
    ORDER BY t.name, c.customer_id, c.due_on, c.vehicle_id
), fact AS (
    SELECT p.store_id, p.customer_id, p.vehicle_id, p.advisor_id, p.model, p.powertrain, p.name,
           'owned' AS item, CASE WHEN p.stage = 'lost' THEN 'lost' ELSE '' END AS part,
           p.stage <> 'lost' AND p.has_been_lost AS is_hit, 0 AS amount
    FROM person p
    WHERE p.is_owned
    UNION ALL
    SELECT p.store_id, p.customer_id, due.vehicle_id, p.advisor_id, p.model, p.powertrain, p.name,
           'came', '', due.has_come, 0
    FROM person p
    JOIN due USING (name, customer_id)
    UNION ALL
    SELECT p.store_id, p.customer_id, p.vehicle_id, p.advisor_id, p.model, p.powertrain, p.name,
           'revenue', to_char(v.on_date, 'YYYY-MM'), p.is_owned, v.amount
    FROM person p
    JOIN {guest} g USING (customer_id),
    LATERAL unnest(g.days[p.start + 1:p.last], g.amounts[p.start + 1:p.last])
        AS v(on_date, amount)
    WHERE p.last > p.start
    UNION ALL
    SELECT p.store_id, p.customer_id, a.vehicle_id, p.advisor_id, p.model, p.powertrain, p.name,
           kind.item,
           CASE WHEN kind.item = 'csat' THEN '' WHEN a.nps >= 9 THEN 'promoter'
                WHEN a.nps >= 7 THEN 'passive' ELSE 'detractor' END,
           kind.item = 'csat' OR a.nps >= 9,
           CASE kind.item WHEN 'csat' THEN a.satisfaction ELSE 0 END
    FROM person p
    JOIN {answer} a ON a.customer_id = p.customer_id AND a.answered_on >= p.from_on
        AND a.answered_on < p.until_on
    CROSS JOIN (VALUES ('csat'), ('nps')) AS kind(item)
    WHERE kind.item = 'csat' OR a.nps IS NOT NULL
)
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, '' AS band,
       name AS period, item, part, is_hit, amount
FROM fact
