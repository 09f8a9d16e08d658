-- Whether the customer said no to the call for this service, or the car was said to be gone: who did
-- is not asked again until the next one. Index: task_once (vehicle, kind, cycle key).
EXISTS (
    SELECT FROM {tasks} declined
    WHERE declined.vehicle_id = {vehicle} AND declined.kind = 'due_call'
        AND declined.cycle_key = {cycle_key} AND declined.closed_on <= %(as_of)s
        AND declined.result IN ('refused', 'elsewhere', 'vehicle_gone', 'do_not_call')
    OFFSET 0)
