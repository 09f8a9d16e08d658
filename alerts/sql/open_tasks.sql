-- Opens what is wanted and was never there; opens again what only circumstances had closed.
-- A finished, refused or visited task does not come back: its key stays taken.
WITH wanted AS MATERIALIZED ({wanted}), fitting AS MATERIALIZED (
    SELECT w.*
    FROM wanted w
    WHERE {kinds}
        AND NOT EXISTS (SELECT 1 FROM alerts_task o
                        WHERE o.vehicle_id = w.vehicle_id AND o.closed_on IS NULL
                            AND (o.kind = w.kind OR w.kind = 'overdue_30'))
), again AS (
    UPDATE alerts_task t
    SET closed_on = NULL, closed_at = NULL, closed_as = '', customer_id = w.customer_id,
        owner_id = w.owner_id
    FROM (SELECT DISTINCT ON (f.vehicle_id, f.kind) f.*, o.id AS task_id
          FROM fitting f
          JOIN alerts_task o USING (vehicle_id, kind, cycle_key)
          WHERE o.closed_as IN ('booked', 'expired', 'superseded', 'vehicle_gone')
          ORDER BY f.vehicle_id, f.kind, f.turn) w
    WHERE t.id = w.task_id
    RETURNING t.vehicle_id, t.kind
)
INSERT INTO alerts_task (store_id, customer_id, vehicle_id, kind, cycle_key, owner_id,
    stands_in_for_id, opened_on, due_on, deadline_at, priority_group, probability, profit_amount,
    value_amount, attempts, policy_set_id, closed_as)
SELECT DISTINCT ON (f.vehicle_id, f.kind) f.store_id, f.customer_id, f.vehicle_id, f.kind,
       f.cycle_key, f.owner_id, f.stands_in_for_id, %(as_of)s, %(as_of)s, f.deadline_at,
       f.priority_group, f.probability, f.profit_amount, f.value_amount, 0, f.policy_set_id, ''
FROM fitting f
WHERE NOT EXISTS (SELECT 1 FROM alerts_task o
                  WHERE o.vehicle_id = f.vehicle_id AND o.kind = f.kind
                      AND o.cycle_key = f.cycle_key)
    AND NOT EXISTS (SELECT 1 FROM again a
                    WHERE a.vehicle_id = f.vehicle_id AND a.kind = f.kind)
ORDER BY f.vehicle_id, f.kind, f.turn
ON CONFLICT DO NOTHING
