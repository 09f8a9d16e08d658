-- Whether somebody phoned, connected or not: about the car, or its owner without naming one.
-- Indexes: contact by vehicle, and by customer and time.
EXISTS (
    SELECT FROM customers_contact k
    WHERE k.vehicle_id = {vehicle} AND k.channel = 'phone' AND k.direction = 'out'
        AND k.happened_on BETWEEN {since} AND %(as_of)s
    OFFSET 0)
OR EXISTS (
    SELECT FROM customers_contact k
    WHERE k.customer_id = {customer} AND k.vehicle_id IS NULL
        AND k.channel = 'phone' AND k.direction = 'out'
        AND k.happened_on BETWEEN {since} AND %(as_of)s
    OFFSET 0)
