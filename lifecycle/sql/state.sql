-- One row a vehicle: due date and level (DUE), risk (RISK), loss and phase (WB-1) as of a date.
-- A pure function of {rollup}, the policies and as_of. {scope} restricts `r`.
-- Columns after `complaint_id` change by themselves every day: they are read, never stored.
-- A car's row is joined once with all it needs: steps that were joined again would be joined row
-- against row, for the planner takes a fenced step for a handful of rows. OFFSET 0 is the fence that
-- streams; a MATERIALIZED step would be written out and read again. Behind the fence it carries only
-- what is used: each column costs anew at every step, for every car.
WITH {policy}, car_class AS MATERIALIZED (
    -- One car of each class, for the planner knows the columns of a table, not those of a step.
    SELECT c.brand, c.model, c.powertrain
    FROM customers_vehicle c
    WHERE c.id IN (SELECT min(v.id)
                   FROM customers_vehicle v
                   WHERE {car_scope}
                   GROUP BY v.brand, v.model, v.powertrain)
), plan AS MATERIALIZED (
    -- DUE-1: the most specific plan wins. One row a store and class, with all the settings a car
    -- needs: it is joined once.
    SELECT p.store_id, p.policy_set_id,
           CASE WHEN f.first_months > 0 THEN make_interval(months => f.first_months) END
               AS first_after, f.first_days, f.first_km,
           make_interval(months => f.months) AS after, f.km AS interval_km, p.lean_days,
           p.lean_days * f.daily_km AS lean_km, p.yellow_days, p.orange_days, p.red_days,
           p.booked_after_due_days, p.booked_ahead_days, p.low_survey, p.survey_points,
           p.complaint_points, p.week_points, p.week_points_cap, p.call_points,
           p.wechat_points AS message_points, p.high_below, p.low_above, p.dormant_days,
           p.lost_days, p.phase_by_last_visit, p.early_from, p.deep_from, p.complete_from,
           p.index_threshold, p.index_idle_from, p.index_idle_factor, p.index_idle_cap,
           p.index_app_points, p.index_app_opens, p.index_cancel_factor, p.index_cancel_cap,
           p.index_survey_factor, p.index_survey_cap, p.index_enquiry_points,
           entry.key AS plan, c.brand, c.model, c.powertrain
    FROM car_class c
    CROSS JOIN policy p,
    LATERAL (
        SELECT p.plan -> 'plans' AS plans, 'model:' || c.brand || '|' || c.model AS of_model,
               'brand:' || c.brand AS of_brand, 'powertrain:' || c.powertrain AS of_powertrain
    ) AS names,
    LATERAL (
        SELECT CASE WHEN plans ? of_model THEN of_model
                    WHEN plans ? of_brand THEN of_brand
                    WHEN plans ? of_powertrain THEN of_powertrain
                    ELSE 'default' END AS key
    ) AS entry,
    LATERAL jsonb_to_record(plans -> entry.key) AS f(
        first_months integer, first_days integer, first_km integer,
        months integer, km integer, daily_km integer)
), dated AS (
    -- DUE-3 as a fraction of integers, so that no rounding decides a date.
    SELECT r.vehicle_id, r.store_id, r.customer_id, r.is_gone, r.latest_on, r.latest_km,
           r.survey_id, r.satisfaction, r.complaint_id, r.outgoing_on, r.outgoing_answered_on,
           r.confirmed_on, r.appointments_year, r.cancelled_year, r.app_opens, r.enquiries,
           seen.on_date AS seen_on,
           p.policy_set_id, p.plan, p.yellow_days, p.orange_days, p.red_days,
           p.booked_after_due_days, p.booked_ahead_days, p.week_points, p.week_points_cap,
           p.high_below, p.low_above, p.lost_days, p.phase_by_last_visit, p.early_from, p.deep_from,
           p.complete_from, p.index_threshold, p.index_idle_from, p.index_idle_factor,
           p.index_idle_cap, p.index_app_points, p.index_app_opens, p.index_cancel_factor,
           p.index_cancel_cap, p.index_survey_factor, p.index_survey_cap, p.index_enquiry_points,
           coalesce(%(as_of)s - seen.on_date >= p.dormant_days, false) AS is_dormant,
           coalesce(r.satisfaction < p.low_survey, false) AS is_critical,
           CASE WHEN r.satisfaction < p.low_survey THEN p.survey_points ELSE 0 END
               AS satisfaction_points,
           CASE WHEN r.complaints > 0 THEN p.complaint_points ELSE 0 END AS complaint_points,
           r.calls_missed * p.call_points AS call_points,
           r.wechats_unanswered * p.message_points AS wechat_points,
           bounded.daily_over, bounded.daily_under, by_time.due_on AS time_due_on,
           least(by_time.due_on,
                 CASE WHEN r.latest_km < target.km
                      THEN r.latest_on + (((target.km - r.latest_km) * bounded.daily_under
                                           + bounded.daily_over - 1)
                                          / bounded.daily_over)::integer
                      ELSE (SELECT u.on_date
                            FROM unnest(r.since_base_on, r.since_base_km) WITH ORDINALITY
                                AS u(on_date, km, n)
                            WHERE u.km >= target.km
                            ORDER BY u.n
                            LIMIT 1) END) AS due_on
    FROM {rollup} r
    JOIN customers_vehicle v ON v.id = r.vehicle_id{at_home}
    -- Every car has a plan. An inner join of four columns would be taken for few rows.
    LEFT JOIN plan p ON p.store_id = r.store_id AND p.brand = v.brand AND p.model = v.model
        AND p.powertrain = v.powertrain,
    LATERAL (SELECT coalesce(r.last_visit_on, r.delivered_on) AS on_date) AS seen,
    LATERAL (
        SELECT r.window_km + p.lean_km AS full_km, r.window_days + p.lean_days AS full_days
    ) AS daily,
    LATERAL (
        SELECT CASE WHEN full_km < full_days THEN 1 WHEN full_km > 500 * full_days THEN 500
                    ELSE full_km END::bigint AS daily_over,
               CASE WHEN full_km < full_days OR full_km > 500 * full_days THEN 1
                    ELSE full_days END::bigint AS daily_under
    ) AS bounded,
    LATERAL (
        SELECT r.base_km + CASE WHEN r.maintenance_visits > 0 THEN p.interval_km
                                ELSE p.first_km END AS km
    ) AS target,
    LATERAL (
        SELECT CASE WHEN r.maintenance_visits > 0 THEN (r.base_on + p.after)::date
                    WHEN p.first_after IS NULL THEN r.base_on + p.first_days
                    ELSE (r.base_on + p.first_after)::date END AS due_on
    ) AS by_time
    WHERE {scope} AND (r.delivered_on IS NULL OR r.delivered_on <= %(as_of)s)
    OFFSET 0
)
SELECT s.vehicle_id, s.store_id, s.customer_id, s.policy_set_id, s.is_gone, s.plan, s.due_on,
       CASE WHEN s.due_on IS NULL THEN '' WHEN s.due_on = s.time_due_on THEN 'time'
            ELSE 'mileage' END AS due_basis,
       -- Half up in whole hundredths, as round() does, and exact.
       ((200 * s.daily_over + s.daily_under) / (2 * s.daily_under)) * 0.01 AS daily_km,
       CASE WHEN s.is_gone OR s.due_on IS NULL THEN 'none'
            WHEN due.late_days >= s.red_days THEN 'red'
            WHEN due.late_days >= -s.orange_days THEN 'orange'
            WHEN due.late_days >= -s.yellow_days THEN 'yellow'
            ELSE 'none' END AS level,
       NOT s.is_gone AND coalesce(s.confirmed_on <= greatest(
               s.due_on + s.booked_after_due_days, %(as_of)s + s.booked_ahead_days), false)
           AS is_booked,
       total.score, s.satisfaction_points, s.complaint_points, overdue.points AS overdue_points,
       s.call_points, s.wechat_points,
       CASE WHEN total.score < s.high_below THEN 'high' WHEN total.score > s.low_above THEN 'low'
            ELSE 'medium' END AS risk_level,
       s.is_dormant,
       coalesce(s.due_on < %(as_of)s
                AND s.outgoing_on >= s.due_on - 30
                AND (s.outgoing_answered_on IS NULL OR s.outgoing_answered_on < s.due_on - 30)
                AND s.confirmed_on IS NULL, false) AS is_due_unresponsive,
       s.is_critical, idle.from_on AS idle_from_on,
       NOT s.is_gone AND coalesce(idle.days >= s.lost_days, false) AS is_lost,
       CASE WHEN s.is_gone THEN ''
            WHEN day.phase_day IS NULL
                THEN CASE WHEN churn.index >= s.index_threshold THEN 'pre_churn' ELSE '' END
            WHEN day.phase_day < s.early_from THEN 'pre_churn'
            WHEN day.phase_day < s.deep_from THEN 'early'
            WHEN day.phase_day < s.complete_from THEN 'deep'
            ELSE 'complete' END AS phase,
       s.survey_id, s.complaint_id,
       -- Read, never stored:
       greatest(due.late_days, 0) AS days_overdue, inactive.days AS inactive_days,
       churn.index AS pre_churn_index, s.daily_over, s.daily_under,
       s.latest_km + round((%(as_of)s - s.latest_on) * s.daily_over::numeric / s.daily_under)
           AS projected_km,
       array_remove(ARRAY[
           CASE WHEN s.app_opens IS NULL THEN 'app' END,
           CASE WHEN s.appointments_year = 0 THEN 'cancellations' END,
           CASE WHEN s.satisfaction IS NULL THEN 'satisfaction' END,
           CASE WHEN s.enquiries IS NULL THEN 'enquiries' END], NULL) AS unknown_inputs
FROM dated s,
LATERAL (SELECT %(as_of)s - s.due_on AS late_days) AS due,
LATERAL (
    SELECT coalesce(least(greatest(due.late_days, 0) / 7 * s.week_points, s.week_points_cap), 0)
               AS points
) AS overdue,
LATERAL (
    SELECT greatest(100 - s.satisfaction_points - s.complaint_points - overdue.points
                    - s.call_points - s.wechat_points, 0) AS score
) AS total,
LATERAL (
    SELECT greatest(s.due_on, s.seen_on) AS from_on,
           nullif(greatest(%(as_of)s - greatest(s.due_on, s.seen_on), 0), 0) AS days
) AS idle,
LATERAL (SELECT %(as_of)s - s.seen_on AS days) AS inactive,
LATERAL (
    -- RISK-4, worked out only where the phase asks for it.
    SELECT round(
               least(greatest(inactive.days - s.index_idle_from, 0) * s.index_idle_factor,
                     s.index_idle_cap)
               + CASE WHEN s.app_opens <= s.index_app_opens THEN s.index_app_points ELSE 0 END
               + CASE WHEN s.appointments_year > 0
                      THEN least(100.0 * s.cancelled_year / s.appointments_year
                                 * s.index_cancel_factor, s.index_cancel_cap) ELSE 0 END
               -- Guarded: least() passes over a NULL and would answer with the cap.
               + CASE WHEN s.satisfaction IS NULL THEN 0
                      ELSE least((10 - s.satisfaction / 10) * s.index_survey_factor,
                                 s.index_survey_cap) END
               + CASE WHEN s.enquiries = 0 THEN s.index_enquiry_points ELSE 0 END, 1) AS index
) AS churn,
LATERAL (
    -- WB-1: days overdue from the later of due date and last visit, or by setting the days idle.
    SELECT CASE WHEN s.phase_by_last_visit
                    THEN CASE WHEN inactive.days >= 90 THEN inactive.days END
                ELSE 90 + idle.days END AS phase_day
) AS day
