-- Whether the calls for this service came to an end lately: with a no, or because nobody answered.
-- Who was asked is left alone for the days of the setting before being overdue is a reason of its own;
-- of a car said to be gone, for good. Index: task_once (vehicle, kind, cycle key).
EXISTS (
    SELECT FROM alerts_task ended
    WHERE ended.vehicle_id = {vehicle} AND ended.kind = 'due_call'
        AND ended.cycle_key = {cycle_key} AND ended.closed_as = 'done'
        AND (ended.result = 'vehicle_gone' OR ended.closed_on > %(as_of)s - {days})
    OFFSET 0)
