--
-- datasens_cron_next: what a schedule means, and what is none.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS datasens;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

-- one time unless more are asked for; strictly after the given one
SELECT * FROM datasens_cron_next('*/15 * * * *', '2024-02-28 23:52:10+00');
SELECT * FROM datasens_cron_next('*/15 * * * *', '2024-02-28 23:45:00+00', n => 3);
SELECT * FROM datasens_cron_next('*/15 * * * *', '2024-02-28 23:44:59.999999+00');
SELECT datasens_cron_next('@daily', '2024-02-28 12:00:00+00', 'UTC', 2);
SELECT count(*) AS n, min(t) > now() AS apres, max(t) <= now() + interval '1 day' AS proche
FROM datasens_cron_next('0 6 * * *') AS t;

-- the forms
SELECT e AS expression, array_agg(to_char(t, 'YYYY-MM-DD HH24:MI:SS Dy') ORDER BY t) AS fois
FROM (VALUES ('0 9-17/4 * * mon-fri'), ('30 2 1,15 jan,jul *'), ('0 0 L * *'), ('0 12 * * 7'),
	('0 0 13 * 5'), ('0 0 29 2 *'), ('@hourly'), ('@weekly'), ('@monthly'), ('@yearly'),
	('30 seconds'), ('90 minutes')) AS v (e)
CROSS JOIN LATERAL datasens_cron_next(e, '2024-01-31 23:59:30+00', 'UTC', 3) AS t
GROUP BY e ORDER BY e COLLATE "C";

-- a time that the change of clocks skips, and one that it repeats
SELECT t AT TIME ZONE 'UTC' AS utc, t AT TIME ZONE 'Europe/Paris' AS paris
FROM datasens_cron_next('30 2 * * *', '2024-03-30 12:00+00', 'Europe/Paris', 3) AS t;
SELECT t AT TIME ZONE 'UTC' AS utc, t AT TIME ZONE 'Europe/Paris' AS paris
FROM datasens_cron_next('30 2 * * *', '2024-10-26 12:00+00', 'Europe/Paris', 3) AS t;
SELECT t AT TIME ZONE 'UTC' AS utc, t AT TIME ZONE 'Europe/Paris' AS paris
FROM datasens_cron_next('*/30 * * * *', '2024-10-27 00:10+00', 'europe/paris', 4) AS t;

-- the time zone of the setting, not of the session
SET timezone = 'America/New_York';
SHOW datasens.timezone;
SELECT t AT TIME ZONE 'UTC' AS utc FROM datasens_cron_next('0 6 * * *', '2024-01-01 00:00+00') AS t;
SELECT t AT TIME ZONE 'UTC' AS utc
FROM datasens_cron_next('0 6 * * *', '2024-01-01 00:00+00', 'Asia/Kolkata') AS t;
SET timezone = 'UTC';

-- wrong ones, with the place
SELECT datasens_cron_next('61 * * * *');
SELECT datasens_cron_next('0 0 * * lun');
SELECT datasens_cron_next('0 0 * *');
SELECT datasens_cron_next('0 0 * * * *');
SELECT datasens_cron_next('5-1 * * * *');
SELECT datasens_cron_next('*/0 * * * *');
SELECT datasens_cron_next('0 0 30 2 *');
SELECT datasens_cron_next('@reboot');
SELECT datasens_cron_next('0 seconds');
SELECT datasens_cron_next('');
SELECT datasens_cron_next('0 0 * é *');
SELECT datasens_cron_next('@daily', now(), 'Europe/Pari');
SELECT datasens_cron_next('@daily', now(), '');
SELECT datasens_cron_next('@daily', now(), '../../../etc/passwd');
SELECT datasens_cron_next('@daily', now(), NULL, 0);
SELECT datasens_cron_next('@daily', now(), NULL, 10001);
\set VERBOSITY sqlstate
SELECT datasens_cron_next('61 * * * *');
SELECT datasens_cron_next('@daily', now(), 'Europe/Pari');
SELECT datasens_cron_next('@daily', now(), NULL, 0);
\set VERBOSITY default

-- the ends of time
SELECT datasens_cron_next('@daily', '-infinity');
SELECT count(*) FROM datasens_cron_next('@daily', 'infinity', n => 5);
SELECT * FROM datasens_cron_next('0 0 31 12 *', '200000-06-01 00:00+00', n => 2);
SELECT count(*) < 10000 AS fini FROM datasens_cron_next('0 0 31 12 *', '294000-06-01 00:00+00', n => 10000);
SELECT count(*) FROM datasens_cron_next('3650 days', '294276-12-31 23:59:59.999999+00', n => 5);
SELECT * FROM datasens_cron_next('0 12 * * *', '4714-11-24 00:00:00+00 BC', 'UTC', 2);
SELECT count(*) AS n, min(t), max(t) FROM datasens_cron_next('0 0 29 2 mon#5', '2024-01-01 00:00+00', 'Europe/Paris', 100) AS t;
SELECT count(*), count(DISTINCT t) AS distincts
FROM datasens_cron_next('* * * * *', '2024-01-01 00:00+00', 'Europe/Paris', 10000) AS t;
SELECT count(*) FROM datasens_cron_next(NULL);
SELECT count(*) FROM datasens_cron_next('@daily', NULL);
SELECT count(*) FROM datasens_cron_next('@daily', now(), NULL, NULL);
