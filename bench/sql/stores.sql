-- Stores with four advisors and a manager each, their customers, and a plan of every car's life.
-- Deterministic: bench_dice(row, throw) is the same number in [0, 1) on every run.
CREATE FUNCTION bench_dice(i bigint, throw integer) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(i, throw) & 1048575) / 1048576.0::float8;

INSERT INTO stores_group (id, name) VALUES (1, 'bench');
INSERT INTO stores_store
    (id, group_id, code, name, city, timezone, opens_at, closes_at, bays, is_active)
SELECT s, 1, 'B' || s, 'Store ' || s, '', 'Asia/Shanghai', '08:30', '17:30', 8, true
FROM generate_series(1, %(stores)s) s;
INSERT INTO stores_staff (id, group_id, uid, code, name, role, password, email_sealed,
    phone_sealed, source_digest, is_active, language, session_epoch)
SELECT s * 5 + n, 1, gen_random_uuid(), 'B' || s || '-' || n, 'Person ' || n,
       CASE n WHEN 0 THEN 'manager' ELSE 'advisor' END, '!', '', '', '', true, '', 0
FROM generate_series(1, %(stores)s) s, generate_series(0, 4) n;
INSERT INTO stores_staffstore (staff_id, store_id) SELECT id, (id / 5)::bigint FROM stores_staff;

-- Nine customers to ten cars.
INSERT INTO customers_customer (id, uid, store_id, external_id, name, name_pinyin, name_initials,
    name_parts, phone_sealed, phone_index, phone_last4_index, is_phone_dead, address_sealed,
    email_sealed, wechat_sealed, phone_digest, address_digest, email_digest, wechat_digest, gender,
    source, occupation, interests, dislikes, notes, is_influencer, is_club_member, advisor_id,
    received_on)
SELECT (s - 1) * %(people)s + k, gen_random_uuid(), s, 'C' || k, 'Customer ' || k, 'customer', 'c',
       '{{}}', '', '', '', false, '', '', '', '', '', '', '', 'unknown', '', '', '', '', '', false,
       false, CASE WHEN bench_dice(k, 1) < 0.9 THEN s * 5 + 1 + k %% 4 END, %(as_of)s - 2000
FROM generate_series(1, %(stores)s) s, generate_series(1, %(people)s) k;

CREATE UNLOGGED TABLE bench_car AS
SELECT i AS id, s AS store_id, (s - 1) * %(people)s + 1 + k %% %(people)s AS customer_id,
       -- One car in thirty has a second owner.
       CASE WHEN bench_dice(i, 2) < 0.033
            THEN (s - 1) * %(people)s + 1 + (k + 7) %% %(people)s END AS former_id,
       CASE WHEN bench_dice(i, 3) < 0.04 THEN 0 WHEN bench_dice(i, 3) < 0.28 THEN 7 ELSE 6 END
           AS visits,
       90 + (bench_dice(i, 4) * 130)::integer AS gap_days,
       20 + (bench_dice(i, 5) * 55)::integer AS km_a_day,
       -- Half of the cars are in time, a quarter is due or overdue, a quarter is lost.
       %(as_of)s - CASE WHEN bench_dice(i, 6) < 0.5 THEN bench_dice(i, 7) * 150
                        WHEN bench_dice(i, 6) < 0.75 THEN 150 + bench_dice(i, 7) * 100
                        ELSE 250 + bench_dice(i, 7) * 650 END::integer AS last_on,
       %(as_of)s - (bench_dice(i, 8) * 250)::integer AS new_on
FROM generate_series(1, %(stores)s) s, generate_series(0, %(cars)s - 1) k,
     LATERAL (SELECT (s - 1) * %(cars)s + k + 1 AS i) AS numbered;
