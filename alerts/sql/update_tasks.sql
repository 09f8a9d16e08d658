-- Owner and value of open tasks, where they changed: a new advisor, a level reached.
UPDATE alerts_task t
SET owner_id = w.owner_id, stands_in_for_id = w.stands_in_for_id, probability = w.probability,
    profit_amount = w.profit_amount, value_amount = w.value_amount,
    policy_set_id = w.policy_set_id
FROM (
    SELECT w.*, o.id AS task_id
    FROM ({wanted}) w
    JOIN alerts_task o USING (vehicle_id, kind, cycle_key)
    WHERE o.closed_on IS NULL
        AND (o.owner_id IS DISTINCT FROM w.owner_id
             OR o.stands_in_for_id IS DISTINCT FROM w.stands_in_for_id
             OR o.probability <> w.probability OR o.profit_amount <> w.profit_amount)
) AS w
WHERE w.task_id = t.id
