-- One row a vehicle: facts of its own history up to the end of as_of, no setting (see models.VehicleRollup).
-- {scope} restricts `v` (customers_vehicle): all of some stores, or a list of vehicles.
-- Indexes: visit, survey, complaint, appointment by vehicle; contact by vehicle and by customer.
-- Every step is fenced: a flattened step would be copied into each of its uses.
WITH car AS MATERIALIZED (
    SELECT v.id AS vehicle_id, v.store_id, v.delivered_on, v.status, v.status_on
    FROM customers_vehicle v
    WHERE {scope}
), owner AS MATERIALIZED (
    SELECT car.vehicle_id, o.customer_id, c.erased_on, c.merged_on
    FROM car
    JOIN customers_ownership o ON o.vehicle_id = car.vehicle_id
        AND coalesce(o.since_on, '-infinity') <= %(as_of)s
        AND coalesce(o.until_on, 'infinity') >= %(as_of)s
    JOIN customers_customer c ON c.id = o.customer_id
), next_owner AS MATERIALIZED (
    SELECT o.vehicle_id, min(o.since_on) AS on_date
    FROM car
    JOIN customers_ownership o USING (vehicle_id)
    WHERE o.since_on > %(as_of)s
    GROUP BY 1
), work_order AS MATERIALIZED (
    SELECT w.vehicle_id, w.id, w.arrived_at, w.arrived_on, w.odometer_km, w.is_reading_ok, w.kind,
           w.amount, w.gross_margin, w.void_on,
           w.arrived_on <= %(as_of)s AND (w.void_on IS NULL OR w.void_on > %(as_of)s) AS is_known
    FROM car
    JOIN customers_visit w USING (vehicle_id)
    WHERE w.is_counted
    ORDER BY w.vehicle_id, w.arrived_at, w.id
), visit_day AS MATERIALIZED (
    -- Work orders of one day are one visit: maintenance if any is, amounts add up.
    SELECT vehicle_id, arrived_on, bool_or(kind = 'maintenance') AS is_maintenance,
           sum(amount) AS amount, coalesce(sum(gross_margin), 0) AS margin,
           coalesce(sum(amount) FILTER (WHERE gross_margin IS NULL), 0) AS amount_without_margin
    -- In order, so that the sums of one day at a time are held, not those of all days.
    FROM (SELECT * FROM work_order WHERE is_known ORDER BY vehicle_id, arrived_on OFFSET 0) known
    GROUP BY 1, 2
), visits AS MATERIALIZED (
    SELECT vehicle_id, count(*) AS visits, min(arrived_on) AS first_on, max(arrived_on) AS last_on,
           count(*) FILTER (WHERE is_maintenance) AS maintenance_visits,
           max(arrived_on) FILTER (WHERE is_maintenance) AS maintained_on
    FROM visit_day
    GROUP BY 1
), order_dates AS MATERIALIZED (
    SELECT vehicle_id, max(arrived_at) FILTER (WHERE is_known) AS last_at,
           least(min(arrived_on) FILTER (WHERE arrived_on > %(as_of)s),
                 min(void_on) FILTER (WHERE void_on > %(as_of)s)) AS ages_on
    FROM work_order
    GROUP BY 1
), paid AS MATERIALIZED (
    SELECT vehicle_id, count(*) AS visits, sum(margin) AS margin,
           sum(amount_without_margin) AS amount
    FROM (
        SELECT *, row_number() OVER (PARTITION BY vehicle_id ORDER BY arrived_on DESC) AS rank
        FROM visit_day
        WHERE is_maintenance AND amount > 0
    ) ranked
    WHERE rank <= 3
    GROUP BY 1
), base AS MATERIALIZED (
    SELECT car.*, owner.customer_id, owner.erased_on, owner.merged_on, visits.visits,
           visits.maintenance_visits, visits.last_on,
           coalesce(car.delivered_on, visits.first_on) AS delivery_on,
           coalesce(visits.maintained_on, car.delivered_on, visits.first_on) AS base_on,
           -- Facts "since the last visit" of a car never visited count since the delivery.
           coalesce(visits.last_on, car.delivered_on, '-infinity') AS anchor_on
    FROM car
    LEFT JOIN owner USING (vehicle_id)
    LEFT JOIN visits USING (vehicle_id)
), reading AS MATERIALIZED (
    -- In order of arrival, as work_order is: the last element of an array is the latest reading.
    SELECT w.vehicle_id,
           array_agg(w.odometer_km ORDER BY w.arrived_at, w.id) AS km,
           array_agg(w.arrived_on ORDER BY w.arrived_at, w.id) AS days,
           array_agg(w.odometer_km ORDER BY w.arrived_at, w.id)
               FILTER (WHERE w.arrived_on > %(as_of)s - 730) AS window_km,
           array_agg(w.arrived_on ORDER BY w.arrived_at, w.id)
               FILTER (WHERE w.arrived_on > %(as_of)s - 730) AS window_days,
           array_agg(w.odometer_km ORDER BY w.arrived_at, w.id)
               FILTER (WHERE w.arrived_on >= base.base_on) AS since_base_km,
           array_agg(w.arrived_on ORDER BY w.arrived_at, w.id)
               FILTER (WHERE w.arrived_on >= base.base_on) AS since_base_on,
           array_agg(w.odometer_km ORDER BY w.arrived_at, w.id)
               FILTER (WHERE w.arrived_on <= base.base_on) AS upto_base_km
    FROM work_order w
    JOIN base USING (vehicle_id)
    WHERE w.is_known AND w.is_reading_ok
    GROUP BY 1
), survey AS MATERIALIZED (
    SELECT DISTINCT ON (s.vehicle_id) s.vehicle_id, s.id, s.answered_on, s.satisfaction
    FROM work_order w
    JOIN customers_survey s ON s.visit_id = w.id
    WHERE w.is_known AND s.answered_on <= %(as_of)s
    ORDER BY s.vehicle_id, s.answered_at DESC, s.id DESC
), next_survey AS MATERIALIZED (
    SELECT s.vehicle_id, min(s.answered_on) AS on_date
    FROM car
    JOIN customers_survey s USING (vehicle_id)
    WHERE s.answered_on > %(as_of)s
    GROUP BY 1
), complaint AS MATERIALIZED (
    SELECT k.vehicle_id,
           count(*) FILTER (WHERE known) AS complaints,
           (array_agg(k.id ORDER BY k.opened_at DESC, k.id DESC) FILTER (WHERE known))[1] AS id,
           max(k.opened_on) FILTER (WHERE known) AS last_on,
           min(k.opened_on) FILTER (WHERE k.opened_on > %(as_of)s) AS ages_on
    FROM base
    JOIN customers_complaint k USING (vehicle_id),
    LATERAL (SELECT k.opened_on <= %(as_of)s AND k.opened_on >= base.anchor_on AS known) AS facts
    GROUP BY 1
), contact AS MATERIALIZED (
    -- Contacts that name the car, and those of its owner that name none.
    SELECT base.vehicle_id, base.anchor_on, k.customer_id, k.happened_at, k.happened_on, k.channel,
           k.direction, k.outcome, k.replied_on
    FROM base
    JOIN customers_contact k ON k.vehicle_id = base.vehicle_id
    UNION ALL
    SELECT base.vehicle_id, base.anchor_on, k.customer_id, k.happened_at, k.happened_on, k.channel,
           k.direction, k.outcome, k.replied_on
    FROM base
    JOIN customers_contact k ON k.customer_id = base.customer_id AND k.vehicle_id IS NULL
), known_contact AS MATERIALIZED (
    SELECT contact.*,
           direction = 'out' AND channel <> 'visit' AS is_outgoing,
           outcome = 'replied' AND (direction = 'in' OR replied_on <= %(as_of)s) AS is_replied
    FROM contact
    WHERE happened_on <= %(as_of)s
), contact_ages AS MATERIALIZED (
    SELECT vehicle_id,
           least(min(happened_on) FILTER (WHERE happened_on > %(as_of)s),
                 min(replied_on) FILTER (WHERE replied_on > %(as_of)s),
                 -- A message turns unanswered on its third day.
                 min(happened_on + 3) FILTER (
                     WHERE channel = 'wechat' AND direction = 'out'
                         AND happened_on BETWEEN %(as_of)s - 2 AND %(as_of)s)
           ) AS ages_on
    FROM contact
    GROUP BY 1
), wechat AS MATERIALIZED (
    -- To each message the day of the next incoming one, later in time: a window, for a self-join
    -- of fenced rows would compare everything with everything.
    SELECT vehicle_id, anchor_on, happened_on, direction, is_replied,
           min(happened_on) FILTER (WHERE direction = 'in') OVER (
               PARTITION BY vehicle_id, customer_id ORDER BY happened_at DESC
               GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS answered_on
    FROM known_contact
    WHERE channel = 'wechat'
), unanswered AS MATERIALIZED (
    SELECT vehicle_id, count(*) AS messages, max(happened_on) AS last_on
    FROM wechat
    WHERE direction = 'out' AND happened_on > anchor_on AND happened_on <= %(as_of)s - 3
        AND NOT is_replied AND (answered_on IS NULL OR answered_on > happened_on + 3)
    GROUP BY 1
), appointment AS MATERIALIZED (
    SELECT a.vehicle_id, a.starts_on, a.created_on, coalesce(a.created_at, a.starts_at) AS made_at,
           a.created_on IS NULL OR a.created_on <= %(as_of)s AS is_known,
           was.status, was.next_on
    FROM car
    JOIN customers_appointment a USING (vehicle_id),
    LATERAL (
        SELECT (array_agg(h.status ORDER BY h.from_on DESC, h.id DESC)
                    FILTER (WHERE h.from_on <= %(as_of)s))[1] AS status,
               min(h.from_on) FILTER (WHERE h.from_on > %(as_of)s) AS next_on
        FROM customers_appointmentchange h
        WHERE h.appointment_id = a.id
    ) AS was
), appointments AS MATERIALIZED (
    SELECT vehicle_id,
           max(made_at) FILTER (WHERE is_known) AS made_at,
           min(starts_on) FILTER (
               WHERE is_known AND status = 'confirmed' AND starts_on >= %(as_of)s) AS confirmed_on,
           count(*) FILTER (WHERE in_year) AS in_year,
           count(*) FILTER (WHERE in_year AND status = 'cancelled') AS cancelled,
           least(min(starts_on) FILTER (WHERE starts_on > %(as_of)s),
                 min(starts_on + 1) FILTER (WHERE starts_on = %(as_of)s AND status = 'confirmed'),
                 min(starts_on + 365) FILTER (WHERE in_year),
                 min(created_on) FILTER (WHERE created_on > %(as_of)s),
                 min(next_on)) AS ages_on
    FROM appointment,
    LATERAL (
        SELECT is_known AND starts_on <= %(as_of)s AND starts_on > %(as_of)s - 365 AS in_year
    ) AS facts
    GROUP BY 1
), sign_of_life AS MATERIALIZED (
    SELECT base.vehicle_id, greatest(talk.last_at, order_dates.last_at, appointments.made_at) AS at
    FROM base
    LEFT JOIN (
        SELECT vehicle_id, max(happened_at) AS last_at
        FROM known_contact
        WHERE direction = 'in' OR is_replied
            OR (channel = 'phone' AND outcome IN ('connected', 'booked', 'refused'))
        GROUP BY 1
    ) AS talk USING (vehicle_id)
    LEFT JOIN order_dates USING (vehicle_id)
    LEFT JOIN appointments USING (vehicle_id)
), contacts AS MATERIALIZED (
    SELECT k.vehicle_id,
           count(*) FILTER (WHERE missed) AS missed,
           max(k.happened_on) FILTER (WHERE missed) AS missed_on,
           max(k.happened_on) FILTER (WHERE k.is_outgoing) AS outgoing_on,
           max(k.happened_on) FILTER (
               WHERE k.is_outgoing AND k.happened_at <= sign_of_life.at) AS answered_on
    FROM known_contact k
    JOIN sign_of_life USING (vehicle_id),
    LATERAL (
        SELECT k.channel = 'phone' AND k.direction = 'out' AND k.happened_on > k.anchor_on
            AND k.outcome IN ('no_answer', 'busy', 'off') AS missed
    ) AS facts
    GROUP BY 1
), app AS MATERIALIZED (
    SELECT base.vehicle_id,
           sum(e.app_opens) FILTER (WHERE e.month = %(month)s - interval '1 month') AS opens,
           sum(e.enquiries) FILTER (
               WHERE e.month < %(month)s AND e.month >= %(month)s - interval '3 months') AS enquiries,
           bool_or(e.month >= %(month)s - interval '3 months') AS turns
    FROM base
    JOIN customers_engagement e ON e.customer_id = base.customer_id
    GROUP BY 1
)
SELECT base.vehicle_id, base.store_id, base.customer_id, %(as_of)s::date AS computed_on,
       least(base.delivered_on_later, base.status_later, base.erased_later, base.merged_later,
             next_owner.on_date, order_dates.ages_on, next_survey.on_date, complaint.ages_on,
             contact_ages.ages_on, appointments.ages_on, base.window_first_on + 730,
             CASE WHEN app.turns THEN (%(month)s + interval '1 month')::date END) AS ages_on,
       base.is_gone, base.delivery_on AS delivered_on, coalesce(base.visits, 0) AS visits,
       coalesce(base.maintenance_visits, 0) AS maintenance_visits, base.last_on AS last_visit_on,
       base.base_on,
       CASE WHEN base.base_on IS NULL THEN NULL
            WHEN base.maintenance_visits > 0
                THEN coalesce(base.upto_base_km[cardinality(base.upto_base_km)], 0)
            ELSE 0 END AS base_km,
       coalesce(base.days[cardinality(base.days)], base.delivery_on) AS latest_on,
       CASE WHEN base.delivery_on IS NULL THEN NULL
            ELSE coalesce(base.km[cardinality(base.km)], 0) END AS latest_km,
       -- Without a reading in the window both ends are the same: 0 km in 0 days.
       coalesce(base.window_days[cardinality(base.window_days)] - base.window_first_on, 0)
           AS window_days,
       coalesce(base.window_km[cardinality(base.window_km)] - base.window_first_km, 0) AS window_km,
       coalesce(base.since_base_on, ARRAY[]::date[]) AS since_base_on,
       coalesce(base.since_base_km, ARRAY[]::integer[]) AS since_base_km,
       survey.id AS survey_id, survey.answered_on AS survey_on, survey.satisfaction,
       coalesce(complaint.complaints, 0) AS complaints, complaint.id AS complaint_id,
       complaint.last_on AS complaint_on,
       coalesce(contacts.missed, 0) AS calls_missed, contacts.missed_on AS call_missed_on,
       coalesce(unanswered.messages, 0) AS wechats_unanswered,
       unanswered.last_on AS wechat_unanswered_on,
       contacts.outgoing_on, contacts.answered_on AS outgoing_answered_on,
       appointments.confirmed_on, coalesce(appointments.in_year, 0) AS appointments_year,
       coalesce(appointments.cancelled, 0) AS cancelled_year,
       app.opens::integer AS app_opens, app.enquiries::integer AS enquiries,
       coalesce(paid.visits, 0) AS paid_visits, coalesce(paid.margin, 0) AS paid_margin,
       coalesce(paid.amount, 0) AS paid_amount
FROM (
    SELECT base.*, reading.km, reading.days, reading.window_km, reading.window_days,
           reading.since_base_km, reading.since_base_on, reading.upto_base_km,
           CASE WHEN base.delivery_on > %(as_of)s - 730 THEN base.delivery_on
                ELSE reading.window_days[1] END AS window_first_on,
           CASE WHEN base.delivery_on > %(as_of)s - 730 THEN 0
                ELSE reading.window_km[1] END AS window_first_km,
           coalesce(base.status <> 'active'
                        AND (base.status_on IS NULL OR base.status_on <= %(as_of)s), false)
               OR coalesce(base.erased_on <= %(as_of)s, false)
               OR coalesce(base.merged_on <= %(as_of)s, false) AS is_gone,
           CASE WHEN base.delivered_on > %(as_of)s THEN base.delivered_on END
               AS delivered_on_later,
           CASE WHEN base.status_on > %(as_of)s THEN base.status_on END AS status_later,
           CASE WHEN base.erased_on > %(as_of)s THEN base.erased_on END AS erased_later,
           CASE WHEN base.merged_on > %(as_of)s THEN base.merged_on END AS merged_later
    FROM base
    LEFT JOIN reading USING (vehicle_id)
) AS base
LEFT JOIN next_owner USING (vehicle_id)
LEFT JOIN order_dates USING (vehicle_id)
LEFT JOIN survey USING (vehicle_id)
LEFT JOIN next_survey USING (vehicle_id)
LEFT JOIN complaint USING (vehicle_id)
LEFT JOIN contact_ages USING (vehicle_id)
LEFT JOIN unanswered USING (vehicle_id)
LEFT JOIN appointments USING (vehicle_id)
LEFT JOIN contacts USING (vehicle_id)
LEFT JOIN app USING (vehicle_id)
LEFT JOIN paid USING (vehicle_id)
