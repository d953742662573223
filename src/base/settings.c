/*
 * settings.c
 *	  The settings (GUCs): their names, kinds, defaults and checks. The descriptions here are
 *	  what SHOW, pg_settings and the README's reference say: the short one is a noun phrase with
 *	  a period, the long one says what the empty value means.
 */
#include "postgres.h"

#include "base/ascii.h"
#include "base/settings.h"
#include "compat.h"

#include <limits.h>

#include "pgtime.h"
#include "utils/guc.h"
#include "utils/memutils.h"

bool  setting_enabled = true;
int	  setting_workers = 1;
int	  setting_linger = 30;
int	  setting_max_connections = 128;
int	  setting_max_connections_per_host = 4;
int	  setting_host_delay = 1000;
int	  setting_connect_timeout = 10 * 1000;
int	  setting_request_timeout = 60 * 1000;
int	  setting_max_response_size = 20 * 1024;
int	  setting_max_download_size = 8 * 1024 * 1024;
int	  setting_max_redirects = 10;
char *setting_user_agent = NULL;
char *setting_contact = NULL;
char *setting_proxy = NULL;
char *setting_ca_file = NULL;
bool  setting_allow_private_networks = false;
int	  setting_max_retries = 3;
int	  setting_retry_delay = 5 * 60;
int	  setting_missed_runs = 0;
int	  setting_stale_after = 24 * 60 * 60;
int	  setting_max_databases = 64;
int	  setting_gdelt_max_catchup = 96;
char *setting_timezone = NULL;
char *setting_owm_api_key_file = NULL;
char *setting_kaggle_file = NULL;
char *setting_kaggle_api = NULL;
char *setting_backup_schedule = NULL;
char *setting_backup_directory = NULL;
char *setting_backup_command = NULL;
int	  setting_backup_retention = 30 * 24 * 60 * 60;
char *setting_archive_url = NULL;
int	  setting_archive_queue_size = 1024 * 1024;
int	  setting_archive_retention = 90 * 24 * 60 * 60;
char *setting_s3_endpoint = NULL;
char *setting_s3_region = NULL;
char *setting_s3_access_key_file = NULL;
char *setting_s3_secret_key_file = NULL;
char *setting_alert_schedule = NULL;
char *setting_alert_webhook = NULL;
char *setting_alert_email = NULL;
char *setting_alert_email_from = NULL;
char *setting_smtp_url = NULL;
char *setting_smtp_password_file = NULL;
char *setting_report_schedule = NULL;
char *setting_report_directory = NULL;
char *setting_retention_schedule = NULL;
int	  setting_flux_retention = 90 * 24 * 60 * 60;
int	  setting_journal_retention = 365 * 24 * 60 * 60;
int	  setting_report_language = 0;
bool  setting_allow_drop = false;

static ScheduleCheck schedule_check;

/* The values of time/plan.h's MissedRuns, in its order. */
static const struct config_enum_entry missed_runs_options[] = {
	{"once", 0, false}, {"skip", 1, false}, {"all", 2, false}, {NULL, 0, false}};

/* The values of settings.h's ReportLanguage. */
static const struct config_enum_entry language_options[] = {
	{"fr", LANGUAGE_FRENCH, false}, {"en", LANGUAGE_ENGLISH, false}, {NULL, 0, false}};

/* GUC check hook: a schedule is empty (off) or an expression of time/cron.h. */
static bool
check_schedule(char **newval, void **extra, GucSource source)
{
	const char *detail = NULL;

	if (**newval == '\0' || schedule_check(*newval, &detail))
		return true;
	GUC_check_errdetail("%s", detail);
	GUC_check_errhint(
		"A schedule has five fields, as in \"0 * * * *\", or is a name as @hourly, or "
		"an interval as \"30 seconds\"; \"\" turns it off.");
	return false;
}

/* GUC check hook: what is sent in a header of HTTP is one line of printable ASCII. */
static bool
check_header(char **newval, void **extra, GucSource source)
{
	for (const char *p = *newval; *p; p++)
	{
		if (*p >= ' ' && *p <= '~')
			continue;
		GUC_check_errdetail("It has a character that cannot be sent in a header.");
		return false;
	}
	return true;
}

/* GUC check hook: a time zone that the server knows. */
static bool
check_timezone(char **newval, void **extra, GucSource source)
{
	pg_tz *zone = pg_tzset(*newval);

	if (zone != NULL && pg_tz_acceptable(zone))
		return true;
	GUC_check_errhint(
		"A time zone is named as \"Europe/Paris\": the view pg_timezone_names lists them.");
	return false;
}

/* GUC check hook: an address of a web service. */
static bool
check_address(char **newval, void **extra, GucSource source)
{
	if (strncmp(*newval, "https://", 8) == 0 || strncmp(*newval, "http://", 7) == 0)
		return true;
	GUC_check_errhint("An address begins with https:// or http://.");
	return false;
}

/*
 * GUC check hook: the address of a web service, or nothing. What is asked of the service is
 * appended to it, so it must not have a query.
 */
static bool
check_endpoint(char **newval, void **extra, GucSource source)
{
	if (**newval == '\0')
		return true;
	if (strpbrk(*newval, "?#@ ") == NULL)
		return check_address(newval, extra, source);
	GUC_check_errdetail("It has a user name, a query, a fragment or a space in it.");
	GUC_check_errhint("The keys are secrets: s3_access_key and s3_secret_key.");
	return false;
}

/* GUC check hook: what becomes part of a host's name and of a signature's scope. */
static bool
check_region(char **newval, void **extra, GucSource source)
{
	if (**newval != '\0' &&
		(*newval)[strspn(*newval, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0')
		return true;
	GUC_check_errhint("A region is written as in \"eu-west-3\".");
	return false;
}

/* Whether no segment of the path is empty, "." or "..". */
static bool
is_straight(const char *path)
{
	for (const char *segment = path; segment != NULL; segment = strchr(segment, '/'))
	{
		size_t length;

		segment += *segment == '/';
		length = strcspn(segment, "/");
		if (length == 0 && segment[length] == '/')
			return false;
		if ((length == 1 && segment[0] == '.') ||
			(length == 2 && segment[0] == '.' && segment[1] == '.'))
			return false;
	}
	return true;
}

/* GUC check hook: a directory of the server, or a bucket of S3 and a prefix. */
static bool
check_archive_url(char **newval, void **extra, GucSource source)
{
	const char *url = *newval;
	size_t		bucket;

	for (const char *c = url; *c != '\0'; c++)
	{
		if (is_control(*c))
		{
			GUC_check_errdetail("It has a control character in it.");
			return false;
		}
	}
	if (*url == '\0' || (strncmp(url, "file:///", 8) == 0 && url[8] && is_straight(url + 7)))
		return true;
	if (strncmp(url, "s3://", 5) == 0)
	{
		bucket = strspn(url + 5, "abcdefghijklmnopqrstuvwxyz0123456789.-");
		if (bucket >= 3 && (url[5 + bucket] == '\0' || url[5 + bucket] == '/') &&
			is_straight(url + 5))
			return true;
	}
	GUC_check_errhint("It is written as in \"s3://bucket/prefix\" or "
					  "\"file:///var/archive/datasens\".");
	return false;
}

/*
 * GUC check hook: mail addresses. Characters that are in no address could begin a command of SMTP,
 * or a header.
 */
static bool
check_addresses(char **newval, void **extra, GucSource source)
{
	for (const char *c = *newval; *c != '\0'; c++)
	{
		if (is_control(*c) || strchr("<>\"()\\;:", *c) != NULL)
		{
			GUC_check_errdetail("There is a character at place %d that no mail address has.",
								(int) (c - *newval) + 1);
			return false;
		}
	}
	return true;
}

/* The prefix is written here only; every name below completes it. */
#define SETTING(name) "datasens." name

static void
define_string(const char *name, const char *what, const char *more, char **variable,
			  const char *boot, GucStringCheckHook check)
{
	DefineCustomStringVariable(name, what, more, variable, boot, PGC_SIGHUP, 0, check, NULL, NULL);
}

/* The same for what may hold a password: shown to those that pg_read_all_settings is granted. */
static void
define_secretive(const char *name, const char *what, const char *more, char **variable,
				 const char *boot)
{
	DefineCustomStringVariable(name, what, more, variable, boot, PGC_SIGHUP, GUC_SUPERUSER_ONLY,
							   NULL, NULL, NULL);
}

static void
define_int(const char *name, const char *what, int *variable, int min, int max, GucContext context,
		   int flags)
{
	DefineCustomIntVariable(name, what, NULL, variable, *variable, min, max, context, flags, NULL,
							NULL, NULL);
}

static void
define_bool(const char *name, const char *what, const char *more, bool *variable,
			GucContext context)
{
	DefineCustomBoolVariable(name, what, more, variable, *variable, context, 0, NULL, NULL, NULL);
}

static void
define_processes(void)
{
	define_bool(SETTING("enabled"), "Whether scheduled collecting takes place.",
				"Off pauses it: what is in flight ends, nothing new is started.", &setting_enabled,
				PGC_SIGHUP);
	define_int(SETTING("workers"), "Largest number of collectors at work in one database.",
			   &setting_workers, 1, 64, PGC_SIGHUP, 0);
	define_int(SETTING("linger"), "Time a collector without work waits for more before it leaves.",
			   &setting_linger, 0, 24 * 60 * 60, PGC_SIGHUP, GUC_UNIT_S);
	if (process_shared_preload_libraries_in_progress)
		define_int(SETTING("max_databases"), "Number of databases that can hold the extension.",
				   &setting_max_databases, 1, 10000, PGC_POSTMASTER, 0);
}

static void
define_network(void)
{
	define_int(SETTING("max_connections"), "Largest number of transfers in flight in a collector.",
			   &setting_max_connections, 1, 1000, PGC_SIGHUP, 0);
	define_int(SETTING("max_connections_per_host"),
			   "Largest number of transfers in flight to one host.",
			   &setting_max_connections_per_host, 1, 1000, PGC_SIGHUP, 0);
	define_int(SETTING("host_delay"),
			   "Time between two requests for pages of one host, of all collectors together.",
			   &setting_host_delay, 0, 24 * 60 * 60 * 1000, PGC_SIGHUP, GUC_UNIT_MS);
	define_int(SETTING("connect_timeout"), "Time allowed for connecting to a server.",
			   &setting_connect_timeout, 1, INT_MAX, PGC_SUSET, GUC_UNIT_MS);
	define_int(SETTING("request_timeout"), "Time allowed for a request, from start to end.",
			   &setting_request_timeout, 1, INT_MAX, PGC_SUSET, GUC_UNIT_MS);
	define_int(SETTING("max_response_size"),
			   "Largest response that is read, counted after decompression.",
			   &setting_max_response_size, 1, 1024 * 1024, PGC_SUSET, GUC_UNIT_KB);
	define_int(SETTING("max_download_size"),
			   "Largest file that is downloaded, and largest content of it that is read.",
			   &setting_max_download_size, 1, INT_MAX, PGC_SUSET, GUC_UNIT_KB);
	define_int(SETTING("max_redirects"), "Largest number of redirects followed for a request.",
			   &setting_max_redirects, 0, 100, PGC_SUSET, 0);
	define_string(SETTING("user_agent"), "The User-Agent that servers are told.",
				  "Empty: datasens, its version and datasens.contact.", &setting_user_agent, "",
				  check_header);
	define_string(SETTING("kaggle_api"), "Address of Kaggle's service, or of one that is like it.",
				  "It is sent the secrets kaggle_username and kaggle_key.", &setting_kaggle_api,
				  "https://www.kaggle.com/api/v1", check_address);
	define_string(SETTING("contact"),
				  "Where who runs a server may complain: URL or e-mail address.",
				  "Part of the built-in User-Agent.", &setting_contact, "", check_header);
	define_secretive(SETTING("proxy"), "URL of the proxy that requests go through.",
					 "Empty: none; the environment's proxy variables are not used.", &setting_proxy,
					 "");
	define_string(SETTING("ca_file"), "File of the certificate authorities that are trusted.",
				  "Empty: the system's.", &setting_ca_file, "", NULL);
	define_bool(SETTING("allow_private_networks"),
				"Whether private, loopback and link-local addresses may be collected from.", NULL,
				&setting_allow_private_networks, PGC_SUSET);
}

static void
define_schedules(void)
{
	define_int(SETTING("gdelt_max_catchup"),
			   "Largest number of missed slices of a stream that a round of gdelt makes up for.",
			   &setting_gdelt_max_catchup, 0, 100000, PGC_SIGHUP, 0);
	define_string(SETTING("timezone"), "Time zone that schedules are meant in.", NULL,
				  &setting_timezone, "UTC", check_timezone);
	DefineCustomEnumVariable(
		SETTING("missed_runs"), "What becomes of runs that were missed while nothing could run.",
		"once: one run makes up for all; skip: none; all: one each.", &setting_missed_runs, 0,
		missed_runs_options, PGC_SIGHUP, 0, NULL, NULL, NULL);
	define_int(SETTING("max_retries"), "Number of retries after a failure that may pass.",
			   &setting_max_retries, 0, 100, PGC_SIGHUP, 0);
	define_int(SETTING("retry_delay"), "Time before the first retry; it doubles with each.",
			   &setting_retry_delay, 1, 24 * 60 * 60, PGC_SIGHUP, GUC_UNIT_S);
	define_int(SETTING("stale_after"),
			   "Time without a success after which a source counts as obsolete.",
			   &setting_stale_after, 1, INT_MAX / 1000, PGC_SIGHUP, GUC_UNIT_S);
}

static void
define_secrets(void)
{
	define_string(
		SETTING("owm_api_key_file"), "File that holds the key of OpenWeatherMap.",
		"For databases without a secret owm_api_key; empty: the environment's OWM_API_KEY.",
		&setting_owm_api_key_file, "", NULL);
	define_string(SETTING("smtp_password_file"), "File that holds the password for smtp_url.",
				  "For databases without a secret smtp_password; empty: the environment's "
				  "SMTP_PASSWORD.",
				  &setting_smtp_password_file, "", NULL);
	define_string(SETTING("kaggle_file"), "File kaggle.json, as Kaggle gives it out.",
				  "For databases without the secrets kaggle_username and kaggle_key; empty: the "
				  "environment's KAGGLE_USERNAME and KAGGLE_KEY.",
				  &setting_kaggle_file, "", NULL);
	define_string(SETTING("s3_access_key_file"), "File that holds the access key for archive_url.",
				  "For databases without a secret s3_access_key; empty: the environment's "
				  "AWS_ACCESS_KEY_ID.",
				  &setting_s3_access_key_file, "", NULL);
	define_string(SETTING("s3_secret_key_file"), "File that holds the secret key for archive_url.",
				  "For databases without a secret s3_secret_key; empty: the environment's "
				  "AWS_SECRET_ACCESS_KEY.",
				  &setting_s3_secret_key_file, "", NULL);
}

static void
define_backups(void)
{
	define_string(SETTING("backup_schedule"), "When the database is backed up.",
				  "Where datasens.backup_directory is set; empty turns it off.",
				  &setting_backup_schedule, "30 2 * * *", check_schedule);
	define_string(SETTING("backup_directory"), "Directory of the server that backups go into.",
				  "Empty: none are made.", &setting_backup_directory, "", NULL);
	define_secretive(
		SETTING("backup_command"), "Shell command that makes a backup.",
		"Empty: pg_dump in custom format. In it %p is the path of the file to make, %f "
		"its name, %d the database, %% a %.",
		&setting_backup_command, "");
	define_int(SETTING("backup_retention"),
			   "Time that backups are kept, the last good one for ever; 0: all of them.",
			   &setting_backup_retention, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S);
}

static void
define_archive(void)
{
	define_string(SETTING("archive_url"),
				  "Where backups, and what sources with the option archiver receive, are archived.",
				  "s3://bucket/prefix, or file:///directory of the server; empty: nowhere.",
				  &setting_archive_url, "", check_archive_url);
	define_int(SETTING("archive_queue_size"),
			   "Most of what is received that waits on disk to be archived; more is not archived.",
			   &setting_archive_queue_size, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_KB);
	define_int(SETTING("archive_retention"),
			   "Time that what was received is kept in the archive; 0: for ever.",
			   &setting_archive_retention, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S);
	define_string(SETTING("s3_endpoint"), "Address of the S3 service of archive_url.",
				  "As MinIO's, https://host:9000; empty: Amazon's. It is sent the secrets "
				  "s3_access_key (never s3_secret_key) and s3_session_token.",
				  &setting_s3_endpoint, "", check_endpoint);
	define_string(SETTING("s3_region"), "Region of the bucket of archive_url.", NULL,
				  &setting_s3_region, "us-east-1", check_region);
}

static void
define_operations(void)
{
	define_string(SETTING("alert_schedule"), "When sources are looked at for silence.",
				  "Failures are told at once; empty turns this off.", &setting_alert_schedule,
				  "5 * * * *", check_schedule);
	define_secretive(SETTING("alert_webhook"), "URL that alerts are posted to, as JSON.",
					 "Empty: none.", &setting_alert_webhook, "");
	define_string(SETTING("alert_email"), "Addresses that alerts are mailed to.",
				  "With commas between them; empty: none.", &setting_alert_email, "",
				  check_addresses);
	define_string(SETTING("alert_email_from"), "Address that alerts are mailed from.",
				  "Empty: datasens at the machine's name.", &setting_alert_email_from, "",
				  check_addresses);
	define_secretive(
		SETTING("smtp_url"), "SMTP server that alerts are mailed through.",
		"smtp://host:port or smtps://host:port; smtp://user@host:port logs in with the "
		"secret smtp_password.",
		&setting_smtp_url, "smtp://localhost:25");
	define_string(SETTING("retention_schedule"), "When what is old is removed.",
				  "What is old, flux_retention and journal_retention say; empty turns it off.",
				  &setting_retention_schedule, "0 4 * * *", check_schedule);
	define_int(SETTING("flux_retention"),
			   "Time that runs without documents, rejects and cache entries are kept; 0: for ever.",
			   &setting_flux_retention, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S);
	define_int(SETTING("journal_retention"), "Time that the journal is kept; 0: for ever.",
			   &setting_journal_retention, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S);
	define_string(SETTING("report_schedule"), "When a report is written.",
				  "Where datasens.report_directory is set; empty turns it off.",
				  &setting_report_schedule, "0 7 * * *", check_schedule);
	define_string(SETTING("report_directory"), "Directory of the server that reports go into.",
				  "Empty: none are written. They are kept as long as backups.",
				  &setting_report_directory, "", NULL);
	DefineCustomEnumVariable(SETTING("report_language"),
							 "Language of reports, alerts and the summary line.", NULL,
							 &setting_report_language, LANGUAGE_FRENCH, language_options, PGC_SUSET,
							 0, NULL, NULL, NULL);
}

void
settings_define(ScheduleCheck check)
{
	schedule_check = check;
	define_processes();
	define_network();
	define_schedules();
	define_secrets();
	define_backups();
	define_archive();
	define_operations();
	define_bool(SETTING("allow_drop"), "Whether DROP EXTENSION may remove collected documents.",
				NULL, &setting_allow_drop, PGC_SUSET);
}

void
settings_define_schedule(const char *kind, char **variable, const char *usual)
{
	MemoryContext previous = MemoryContextSwitchTo(TopMemoryContext);

	define_string(psprintf(SETTING("%s_schedule"), kind),
				  psprintf("When sources of type %s are collected.", kind),
				  "For sources without a schedule of their own; empty turns it off.", variable,
				  usual, check_schedule);
	MemoryContextSwitchTo(previous);
}

void
settings_reserve(void)
{
	MarkGUCPrefixReserved("datasens");
}
