-- What a stretch of full months did to those who were there when it began; `period` names it.
-- `part` lost: by the stage on the eve of its first day, hit when they became lost in it (nobody who
-- was lost already counts). `part` before and now: the amounts of the stretch before it and of it,
-- by the stage on the eve of THAT one's first day, hit when they came in it at all; who was not
-- there yet is `new`, who was erased or merged since is `gone`: their stage is not kept.
-- Days stand in order, so width_bucket counts those up to a day by halving. The kinds of row are
-- joined as constants: a VALUES of expressions is prepared anew for every row it is joined to.
WITH stretch AS MATERIALIZED (
    SELECT s.name, (%(month)s - make_interval(months => s.first))::date AS from_on,
           (%(month)s - make_interval(months => s.last))::date AS until_on,
           (%(month)s - make_interval(months => 2 * s.first - s.last))::date AS before_on
    FROM (VALUES ('12m', 12, 0), ('12m-1', 24, 12), ('6m', 6, 0), ('6m-1', 12, 6),
                 ('3m', 3, 0), ('3m-1', 6, 3)) AS s(name, first, last)
), move AS MATERIALIZED (
    SELECT t.customer_id, array_agg(t.changed_on ORDER BY t.changed_on) AS days,
           array_agg(t.from_stage ORDER BY t.changed_on) AS left_stages,
           array_agg(t.to_stage ORDER BY t.changed_on) AS new_stages
    FROM {guest} g
    JOIN lifecycle_stagetransition t USING (customer_id)
    WHERE t.changed_on <= %(as_of)s
    GROUP BY 1
)
SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_id, g.model, g.powertrain, '' AS band,
       t.name AS period,
       CASE kind.part WHEN 'lost' THEN stood.stage ELSE stood.before END AS item, kind.part,
       CASE kind.part
           WHEN 'lost' THEN coalesce('lost' = ANY(m.new_stages[n.moves + 1:n.moves_last]), false)
           WHEN 'now' THEN n.last > n.start ELSE n.start > n.before END AS is_hit,
       CASE kind.part WHEN 'lost' THEN 0 WHEN 'now' THEN spent.now ELSE spent.before END AS amount
FROM {guest} g
CROSS JOIN stretch t
LEFT JOIN {customer_state} s USING (customer_id)
LEFT JOIN move m USING (customer_id),
LATERAL (
    -- Visits before each of the three days, and changes of stage.
    SELECT width_bucket(t.before_on - 1, g.days) AS before, width_bucket(t.from_on - 1, g.days)
               AS start, width_bucket(t.until_on - 1, g.days) AS last,
           width_bucket(t.before_on - 1, m.days) AS moves_before,
           width_bucket(t.from_on - 1, m.days) AS moves,
           width_bucket(t.until_on - 1, m.days) AS moves_last
    OFFSET 0
) AS n,
LATERAL (
    -- What the last change before the day led to, else what the first one after it left behind.
    SELECT CASE WHEN g.first_fact_on < t.from_on
                THEN coalesce(m.new_stages[n.moves], m.left_stages[1], s.stage) END AS stage,
           CASE WHEN g.is_gone THEN 'gone' WHEN g.first_fact_on < t.before_on
                THEN coalesce(m.new_stages[n.moves_before], m.left_stages[1], s.stage, 'new')
                ELSE 'new' END AS before
    OFFSET 0
) AS stood,
LATERAL (
    SELECT coalesce(g.spent[n.last], 0) - coalesce(g.spent[n.start], 0) AS now,
           coalesce(g.spent[n.start], 0) - coalesce(g.spent[n.before], 0) AS before
    OFFSET 0
) AS spent
CROSS JOIN (VALUES ('lost'), ('now'), ('before')) AS kind(part)
WHERE CASE kind.part WHEN 'lost' THEN stood.stage <> 'lost' AND NOT g.is_gone
                     ELSE n.last > n.before END
