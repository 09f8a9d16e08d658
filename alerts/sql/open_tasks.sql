-- Opens what is wanted and was never there; opens again what only circumstances had closed; brings
-- owner and value of open tasks up to date, where they changed (a new advisor, a level reached).
-- A finished, refused or visited task does not come back: its key stays taken.
-- Indexes: task_once (vehicle, kind, cycle key) and task_open_once (vehicle, kind).
WITH wanted AS MATERIALIZED ({wanted}), fitting AS MATERIALIZED (
    -- One of a kind on a vehicle: one that was there before a new one, the oldest first. What was
    -- booked comes back when the appointment is cancelled or missed.
    SELECT DISTINCT ON (w.vehicle_id, w.kind) w.*
    FROM wanted w
    WHERE (w.task_id IS NULL OR w.closed_as IN ('expired', 'superseded', 'vehicle_gone')
           OR w.closed_as = 'booked' AND NOT w.is_confirmed)
        AND NOT EXISTS (SELECT 1 FROM alerts_task o
                        WHERE o.vehicle_id = w.vehicle_id AND o.kind = w.kind
                            AND o.closed_on IS NULL)
    ORDER BY w.vehicle_id, w.kind, w.task_id IS NULL, w.turn
), alone AS MATERIALIZED (
    SELECT f.*, f.kind <> 'overdue_30' OR NOT bool_or(f.kind <> 'overdue_30')
                                               OVER (PARTITION BY f.vehicle_id) AS is_alone
    FROM fitting f
), chosen AS MATERIALIZED (
    -- An appointment ahead is something open, too, however far.
    SELECT a.*
    FROM alone a
    WHERE a.is_alone
        AND (a.kind <> 'overdue_30'
             OR NOT a.is_confirmed
                AND NOT EXISTS (SELECT 1 FROM alerts_task o
                                WHERE o.vehicle_id = a.vehicle_id AND o.closed_on IS NULL
                                    AND o.kind NOT IN ('reminder', 'correct_data'))
                AND NOT {left_alone})
), again AS (
    UPDATE alerts_task t
    SET closed_on = NULL, closed_at = NULL, closed_as = '', customer_id = c.customer_id,
        owner_id = c.owner_id, stands_in_for_id = c.stands_in_for_id, given_at = now(),
        due_on = c.due_on, attempts = 0,
        probability = c.probability, profit_amount = c.profit_amount,
        value_amount = c.value_amount, policy_set_id = c.policy_set_id
    FROM chosen c
    WHERE t.id = c.task_id
    RETURNING 1
), changed AS (
    UPDATE alerts_task t
    SET owner_id = w.owner_id, stands_in_for_id = w.stands_in_for_id,
        given_at = CASE WHEN w.is_given THEN now() ELSE t.given_at END,
        probability = w.probability, profit_amount = w.profit_amount,
        value_amount = w.value_amount, policy_set_id = w.policy_set_id
    FROM wanted w
    WHERE t.id = w.task_id AND w.is_changed
    RETURNING 1
), opened AS (
    INSERT INTO alerts_task (store_id, customer_id, vehicle_id, kind, cycle_key, owner_id,
        stands_in_for_id, opened_on, due_on, deadline_at, priority_group, probability,
        profit_amount, value_amount, attempts, policy_set_id, closed_as)
    SELECT c.store_id, c.customer_id, c.vehicle_id, c.kind, c.cycle_key, c.owner_id,
           c.stands_in_for_id, %(as_of)s, c.due_on, c.deadline_at, c.priority_group,
           c.probability, c.profit_amount, c.value_amount, 0, c.policy_set_id, ''
    FROM chosen c
    WHERE c.task_id IS NULL
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM opened) + (SELECT count(*) FROM again) AS opened,
       (SELECT count(*) FROM changed) AS changed
