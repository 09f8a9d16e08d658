-- Opens what is wanted and was never there; opens again what only circumstances had closed; brings
-- owner and value of open tasks up to date, where they changed (a new advisor, a level reached).
-- A finished, refused or visited task does not come back: its key stays taken.
-- Indexes: task_once (vehicle, kind, cycle key) and task_open_once (vehicle, kind).
WITH wanted AS MATERIALIZED ({wanted}), known AS MATERIALIZED (
    SELECT w.*, t.id AS task_id, t.closed_as,
           t.closed_on IS NULL
               AND (t.owner_id IS DISTINCT FROM w.owner_id
                    OR t.stands_in_for_id IS DISTINCT FROM w.stands_in_for_id
                    OR t.probability <> w.probability OR t.profit_amount <> w.profit_amount
                    OR t.value_amount <> w.value_amount)
               AS is_changed
    FROM wanted w
    LEFT JOIN alerts_task t USING (vehicle_id, kind, cycle_key)
), fitting AS MATERIALIZED (
    -- One of a kind on a vehicle: one that was there before a new one, the oldest first.
    SELECT DISTINCT ON (k.vehicle_id, k.kind) k.*
    FROM known k
    WHERE (k.task_id IS NULL
           OR k.closed_as IN ('booked', 'expired', 'superseded', 'vehicle_gone'))
        AND NOT EXISTS (SELECT 1 FROM alerts_task o
                        WHERE o.vehicle_id = k.vehicle_id AND o.kind = k.kind
                            AND o.closed_on IS NULL)
    ORDER BY k.vehicle_id, k.kind, k.task_id IS NULL, k.turn
), alone AS MATERIALIZED (
    SELECT f.*, f.kind <> 'overdue_30' OR NOT bool_or(f.kind <> 'overdue_30')
                                               OVER (PARTITION BY f.vehicle_id) AS is_alone
    FROM fitting f
), chosen AS MATERIALIZED (
    SELECT a.*
    FROM alone a
    WHERE a.is_alone
        AND (a.kind <> 'overdue_30'
             OR NOT EXISTS (SELECT 1 FROM alerts_task o
                            WHERE o.vehicle_id = a.vehicle_id AND o.closed_on IS NULL))
), again AS (
    UPDATE alerts_task t
    SET closed_on = NULL, closed_at = NULL, closed_as = '', customer_id = c.customer_id,
        owner_id = c.owner_id, stands_in_for_id = c.stands_in_for_id,
        probability = c.probability, profit_amount = c.profit_amount,
        value_amount = c.value_amount, policy_set_id = c.policy_set_id
    FROM chosen c
    WHERE t.id = c.task_id
    RETURNING 1
), changed AS (
    UPDATE alerts_task t
    SET owner_id = k.owner_id, stands_in_for_id = k.stands_in_for_id,
        probability = k.probability, profit_amount = k.profit_amount,
        value_amount = k.value_amount, policy_set_id = k.policy_set_id
    FROM known k
    WHERE t.id = k.task_id AND k.is_changed
    RETURNING 1
), opened AS (
    INSERT INTO alerts_task (store_id, customer_id, vehicle_id, kind, cycle_key, owner_id,
        stands_in_for_id, opened_on, due_on, deadline_at, priority_group, probability,
        profit_amount, value_amount, attempts, policy_set_id, closed_as)
    SELECT c.store_id, c.customer_id, c.vehicle_id, c.kind, c.cycle_key, c.owner_id,
           c.stands_in_for_id, %(as_of)s, %(as_of)s, c.deadline_at, c.priority_group,
           c.probability, c.profit_amount, c.value_amount, 0, c.policy_set_id, ''
    FROM chosen c
    WHERE c.task_id IS NULL
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM opened) + (SELECT count(*) FROM again) AS opened,
       (SELECT count(*) FROM changed) AS changed
