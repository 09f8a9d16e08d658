-- New and changed stages and values, and a dated transition of each change (LIFE-2).
WITH new AS MATERIALIZED ({customer_state}), changed AS MATERIALIZED (
    SELECT n.*, o.stage AS old_stage,
           CASE WHEN o.stage = n.stage THEN o.stage_since_on ELSE %(as_of)s END AS stage_since_on,
           CASE WHEN o.stage = 'lost' AND n.stage NOT IN ('lost', 'decline') THEN %(as_of)s
                ELSE o.won_back_on END AS won_back_on
    FROM new n
    LEFT JOIN lifecycle_customerstate o ON o.customer_id = n.customer_id
    WHERE NOT n.is_gone AND (
        o.customer_id IS NULL
        OR ROW(o.store_id, o.policy_set_id, o.stage, o.value_tier, o.yearly_amount)
            IS DISTINCT FROM
            ROW(n.store_id, n.policy_set_id, n.stage, n.value_tier, n.yearly_amount))
), moved AS (
    INSERT INTO lifecycle_stagetransition
        (store_id, customer_id, changed_on, from_stage, to_stage, is_reconstructed)
    SELECT store_id, customer_id, %(as_of)s, old_stage, stage, false
    FROM changed
    WHERE old_stage <> stage
    -- A second change on one day goes on from the day's first stage.
    ON CONFLICT (customer_id, changed_on) DO UPDATE SET to_stage = EXCLUDED.to_stage
)
INSERT INTO lifecycle_customerstate (customer_id, store_id, policy_set_id, stage, stage_since_on,
    won_back_on, rfm, quadrant, value_tier, yearly_amount)
SELECT customer_id, store_id, policy_set_id, stage, stage_since_on, won_back_on, '', '',
       value_tier, yearly_amount
FROM changed
ON CONFLICT (customer_id) DO UPDATE SET
    store_id = EXCLUDED.store_id, policy_set_id = EXCLUDED.policy_set_id, stage = EXCLUDED.stage,
    stage_since_on = EXCLUDED.stage_since_on, won_back_on = EXCLUDED.won_back_on,
    value_tier = EXCLUDED.value_tier, yearly_amount = EXCLUDED.yearly_amount
