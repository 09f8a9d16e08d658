-- Whether appointment {appointment} was confirmed by the day: its latest status known then.
'confirmed' = (
    SELECT h.status
    FROM customers_appointmentchange h
    WHERE h.appointment_id = {appointment} AND h.from_on <= %(as_of)s
    ORDER BY h.from_on DESC, h.id DESC
    LIMIT 1)
