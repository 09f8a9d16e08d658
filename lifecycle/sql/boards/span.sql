-- What a stretch of full months did to those who were there when it began; `period` names it.
-- `part` lost: by the stage on the eve of its first day, hit when they became lost in it (nobody who
-- was lost already counts). `part` before and now: the amounts of the stretch before it and of it,
-- by the stage on the eve of THAT one's first day, hit when they came in it at all; who was not
-- there yet is `new`, who was erased or merged since is `gone`: their stage is not kept.
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
), person AS MATERIALIZED (
    SELECT g.*, m.days AS move_days, m.left_stages, m.new_stages, s.stage AS stage_now
    FROM {guest} g
    LEFT JOIN {customer_state} s USING (customer_id)
    LEFT JOIN move m USING (customer_id)
), stood AS MATERIALIZED (
    -- What the last change before the day led to, else what the first one after it left behind.
    SELECT p.*, t.name, t.from_on, t.until_on, t.before_on, at_start.stage AS stage,
           before.stage AS stage_before
    FROM person p
    CROSS JOIN stretch t,
    LATERAL (SELECT CASE WHEN p.first_fact_on < t.from_on THEN
        coalesce(p.new_stages[last.n], p.left_stages[1], p.stage_now) END AS stage
     FROM (SELECT count(*) AS n FROM unnest(p.move_days) AS d WHERE d < t.from_on) AS last
    ) AS at_start,
    LATERAL (SELECT CASE WHEN p.first_fact_on < t.before_on THEN
        coalesce(p.new_stages[last.n], p.left_stages[1], p.stage_now) END AS stage
     FROM (SELECT count(*) AS n FROM unnest(p.move_days) AS d WHERE d < t.before_on) AS last
    ) AS before
)
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, '' AS band,
       name AS period, stage AS item, 'lost' AS part,
       EXISTS (SELECT FROM unnest(move_days, new_stages) AS m(on_date, stage)
               WHERE m.stage = 'lost' AND m.on_date >= from_on AND m.on_date < until_on) AS is_hit,
       0 AS amount
FROM stood
WHERE stage <> 'lost' AND NOT is_gone
UNION ALL
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, '', name,
       CASE WHEN is_gone THEN 'gone' ELSE coalesce(stage_before, 'new') END, share.part,
       share.visits > 0, share.amount
FROM stood, LATERAL (
    SELECT coalesce(sum(v.amount) FILTER (WHERE v.on_date >= from_on AND v.on_date < until_on), 0)
               AS now,
           coalesce(sum(v.amount) FILTER (WHERE v.on_date >= before_on AND v.on_date < from_on), 0)
               AS before,
           count(*) FILTER (WHERE v.on_date >= from_on AND v.on_date < until_on) AS visits_now,
           count(*) FILTER (WHERE v.on_date >= before_on AND v.on_date < from_on) AS visits_before
    FROM unnest(days, amounts) AS v(on_date, amount)
) AS spent,
LATERAL (VALUES ('now', spent.now, spent.visits_now),
                ('before', spent.before, spent.visits_before)) AS share(part, amount, visits)
WHERE spent.visits_now + spent.visits_before > 0
