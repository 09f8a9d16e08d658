-- One row a vehicle: due date and level (DUE), risk (RISK), loss and phase (WB-1) as of a date.
-- A pure function of {rollup}, the policies and as_of. {scope} restricts `r`.
-- Columns after `complaint_id` change by themselves every day: they are read, never stored.
-- A car's row goes down one chain and takes all it needs along: steps that were joined again would
-- be joined row against row, for the planner takes a fenced step for a handful of rows. OFFSET 0
-- is the fence that streams; a MATERIALIZED step would be written out and read again.
WITH {policy}, rollup AS (
    SELECT r.*, v.brand, v.model, v.powertrain
    FROM {rollup} r
    JOIN customers_vehicle v ON v.id = r.vehicle_id{at_home}
    WHERE {scope} AND (r.delivered_on IS NULL OR r.delivered_on <= %(as_of)s)
    OFFSET 0
), car_class AS MATERIALIZED (
    SELECT DISTINCT v.store_id, v.brand, v.model, v.powertrain
    FROM customers_vehicle v
    WHERE {car_scope}
), plan AS MATERIALIZED (
    -- DUE-1: the most specific plan wins.
    SELECT c.*, entry.key AS plan, f.first_months, f.first_days, f.first_km, f.months,
           f.km AS interval_km, f.daily_km AS default_km
    FROM car_class c
    JOIN policy p USING (store_id),
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
), pace AS (
    -- DUE-3 as a fraction of integers, so that no rounding decides a date.
    SELECT r.*, plan.plan, p.policy_set_id,
           CASE WHEN r.maintenance_visits = 0
                    THEN (r.base_on + make_interval(months => plan.first_months))::date
                        + CASE WHEN plan.first_months = 0 THEN plan.first_days ELSE 0 END
                ELSE (r.base_on + make_interval(months => plan.months))::date END AS time_due_on,
           r.base_km + CASE WHEN r.maintenance_visits = 0 THEN plan.first_km
                            ELSE plan.interval_km END AS target_km,
           r.window_km + p.lean_days * plan.default_km AS full_km,
           r.window_days + p.lean_days AS full_days
    FROM rollup r
    JOIN policy p ON p.store_id = r.store_id
    -- Every car has a plan. An inner join of four columns would be taken for one row.
    LEFT JOIN plan ON plan.store_id = r.store_id AND plan.brand = r.brand
        AND plan.model = r.model AND plan.powertrain = r.powertrain
    OFFSET 0
), bounded AS (
    SELECT pace.*,
           CASE WHEN full_km < full_days THEN 1 WHEN full_km > 500 * full_days THEN 500
                ELSE full_km END::bigint AS daily_over,
           CASE WHEN full_km < full_days OR full_km > 500 * full_days THEN 1
                ELSE full_days END::bigint AS daily_under
    FROM pace
    OFFSET 0
), due AS (
    SELECT b.*,
           CASE WHEN b.latest_km < b.target_km
                    THEN b.latest_on + (((b.target_km - b.latest_km) * b.daily_under
                                         + b.daily_over - 1) / b.daily_over)::integer
                ELSE (SELECT u.on_date
                      FROM unnest(b.since_base_on, b.since_base_km) WITH ORDINALITY
                          AS u(on_date, km, n)
                      WHERE u.km >= b.target_km
                      ORDER BY u.n
                      LIMIT 1) END AS km_due_on
    FROM bounded b
    OFFSET 0
), dated AS (
    SELECT due.*, least(time_due_on, km_due_on) AS due_on,
           CASE WHEN time_due_on IS NULL AND km_due_on IS NULL THEN ''
                WHEN time_due_on <= km_due_on OR km_due_on IS NULL THEN 'time'
                ELSE 'mileage' END AS due_basis,
           coalesce(last_visit_on, delivered_on) AS seen_on
    FROM due
    OFFSET 0
), points AS (
    SELECT d.*, greatest(%(as_of)s - d.due_on, 0) AS days_overdue,
           greatest(d.due_on, d.seen_on) AS idle_from_on, %(as_of)s - d.seen_on AS inactive_days,
           coalesce(d.satisfaction < p.low_survey, false) AS is_critical,
           CASE WHEN d.satisfaction < p.low_survey THEN p.survey_points ELSE 0 END
               AS satisfaction_points,
           CASE WHEN d.complaints > 0 THEN p.complaint_points ELSE 0 END AS complaint_points,
           coalesce(least(greatest(%(as_of)s - d.due_on, 0) / 7 * p.week_points,
                          p.week_points_cap), 0) AS overdue_points,
           d.calls_missed * p.call_points AS call_points,
           d.wechats_unanswered * p.wechat_points AS wechat_points,
           round(
               least(greatest(%(as_of)s - d.seen_on - p.index_idle_from, 0) * p.index_idle_factor,
                     p.index_idle_cap)
               + CASE WHEN d.app_opens <= p.index_app_opens THEN p.index_app_points ELSE 0 END
               + CASE WHEN d.appointments_year > 0
                      THEN least(100.0 * d.cancelled_year / d.appointments_year
                                 * p.index_cancel_factor, p.index_cancel_cap) ELSE 0 END
               -- Guarded: least() passes over a NULL and would answer with the cap.
               + CASE WHEN d.satisfaction IS NULL THEN 0
                      ELSE least((10 - d.satisfaction / 10) * p.index_survey_factor,
                                 p.index_survey_cap) END
               + CASE WHEN d.enquiries = 0 THEN p.index_enquiry_points ELSE 0 END, 1)
               AS pre_churn_index
    FROM dated d
    JOIN policy p ON p.store_id = d.store_id
    OFFSET 0
), scored AS (
    SELECT points.*,
           greatest(100 - satisfaction_points - complaint_points - overdue_points - call_points
                    - wechat_points, 0) AS score,
           CASE WHEN %(as_of)s - idle_from_on >= 1 THEN %(as_of)s - idle_from_on END AS idle_days
    FROM points
    OFFSET 0
)
SELECT s.vehicle_id, s.store_id, s.customer_id, s.policy_set_id, s.is_gone, s.plan, s.due_on,
       s.due_basis, round(s.daily_over::numeric / s.daily_under, 2) AS daily_km,
       CASE WHEN s.is_gone OR s.due_on IS NULL THEN 'none'
            WHEN %(as_of)s - s.due_on >= p.red_days THEN 'red'
            WHEN s.due_on - %(as_of)s <= p.orange_days THEN 'orange'
            WHEN s.due_on - %(as_of)s <= p.yellow_days THEN 'yellow'
            ELSE 'none' END AS level,
       NOT s.is_gone AND coalesce(s.confirmed_on <= greatest(
               s.due_on + p.booked_after_due_days, %(as_of)s + p.booked_ahead_days), false)
           AS is_booked,
       s.score, s.satisfaction_points, s.complaint_points, s.overdue_points, s.call_points,
       s.wechat_points,
       CASE WHEN s.score < p.high_below THEN 'high' WHEN s.score > p.low_above THEN 'low'
            ELSE 'medium' END AS risk_level,
       coalesce(s.inactive_days >= p.dormant_days, false) AS is_dormant,
       coalesce(s.due_on < %(as_of)s
                AND s.outgoing_on >= s.due_on - 30
                AND (s.outgoing_answered_on IS NULL OR s.outgoing_answered_on < s.due_on - 30)
                AND s.confirmed_on IS NULL, false) AS is_due_unresponsive,
       s.is_critical, s.idle_from_on,
       NOT s.is_gone AND coalesce(s.idle_days >= p.lost_days, false) AS is_lost,
       CASE WHEN s.is_gone THEN ''
            WHEN day.phase_day IS NULL
                THEN CASE WHEN s.pre_churn_index >= p.index_threshold THEN 'pre_churn' ELSE '' END
            WHEN day.phase_day < p.early_from THEN 'pre_churn'
            WHEN day.phase_day < p.deep_from THEN 'early'
            WHEN day.phase_day < p.complete_from THEN 'deep'
            ELSE 'complete' END AS phase,
       s.survey_id, s.complaint_id,
       -- Read, never stored:
       s.days_overdue, s.inactive_days, s.pre_churn_index, s.daily_over, s.daily_under,
       s.latest_km + round((%(as_of)s - s.latest_on) * s.daily_over::numeric / s.daily_under)
           AS projected_km,
       array_remove(ARRAY[
           CASE WHEN s.app_opens IS NULL THEN 'app' END,
           CASE WHEN s.appointments_year = 0 THEN 'cancellations' END,
           CASE WHEN s.satisfaction IS NULL THEN 'satisfaction' END,
           CASE WHEN s.enquiries IS NULL THEN 'enquiries' END], NULL) AS unknown_inputs
FROM scored s
JOIN policy p ON p.store_id = s.store_id,
LATERAL (
    -- WB-1: days overdue from the later of due date and last visit, or by setting the days idle.
    SELECT CASE WHEN p.phase_by_last_visit
                    THEN CASE WHEN s.inactive_days >= 90 THEN s.inactive_days END
                ELSE 90 + s.idle_days END AS phase_day
) AS day
