-- The one place where the JSON of the pinned versions becomes typed columns; one row a store.
policy AS MATERIALIZED (
    SELECT p.store_id, p.policy_set_id, p.is_first, p.plan,
           w.*, s.*, t.*
    FROM jsonb_to_recordset(%(policies)s::jsonb) AS p(
        store_id bigint, policy_set_id bigint, is_first boolean,
        plan jsonb, warning jsonb, segment jsonb, task jsonb),
    LATERAL jsonb_to_record(p.warning) AS w(
        yellow_days integer, orange_days integer, red_days integer,
        booked_after_due_days integer, booked_ahead_days integer, lean_days integer,
        low_survey integer, survey_points integer, complaint_points integer, week_points integer,
        week_points_cap integer, call_points integer, wechat_points integer, high_below integer,
        low_above integer, dormant_days integer, decline_days integer, lost_days integer,
        phase_by_last_visit boolean, early_from integer, deep_from integer, complete_from integer,
        index_threshold integer, index_idle_from integer, index_idle_factor numeric,
        index_idle_cap integer, index_app_points integer, index_app_opens integer,
        index_cancel_factor numeric, index_cancel_cap integer, index_survey_factor numeric,
        index_survey_cap integer, index_enquiry_points integer, maturity_visits integer),
    LATERAL jsonb_to_record(p.segment) AS s(
        recency_weight integer, frequency_weight integer, money_weight integer,
        diamond_percent integer, gold_percent integer, silver_percent integer,
        frequency_percentile integer, ticket_percentile integer,
        high_amount integer, mid_amount integer),
    LATERAL jsonb_to_record(p.task) AS t(
        yellow_probability numeric, orange_probability numeric, overdue_probability numeric,
        late_probability numeric, late_from_days integer, attempt_factor numeric,
        margin_percent integer, overdue_task_days integer, lane_call_days integer,
        lane_care_days integer, lane_booking_days integer, lane_confirm_days integer)
)
