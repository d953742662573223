/*
 * settings.h
 *	  The settings (GUCs): their names, kinds, defaults and checks.
 *
 * Defined once by settings_define() in _PG_init; read everywhere as plain
 * variables.  Units are in the names or beside them.  Nothing that touches the
 * network or files may be set by ordinary users: everything here is SIGHUP,
 * SUSET or POSTMASTER.
 */
#ifndef DATASENS_BASE_SETTINGS_H
#define DATASENS_BASE_SETTINGS_H

#include <stdbool.h>

/* collecting */
extern bool	 setting_enabled;
extern int	 setting_workers;		  /* collectors a database */
extern int	 setting_linger;		  /* seconds */
extern int	 setting_max_connections; /* transfers in flight a collector */
extern int	 setting_max_connections_per_host;
extern int	 setting_host_delay;		/* milliseconds between requests for pages of a host */
extern int	 setting_connect_timeout;	/* milliseconds */
extern int	 setting_request_timeout;	/* milliseconds */
extern int	 setting_max_response_size; /* kB, decoded */
extern int	 setting_max_download_size; /* kB, of a file */
extern int	 setting_max_redirects;
extern char *setting_user_agent; /* "": the built-in one */
extern char *setting_contact;	 /* "": none */
extern char *setting_proxy;		 /* "": none, whatever the environment says */
extern char *setting_ca_file;	 /* "": the system's */
extern bool	 setting_allow_private_networks;
extern int	 setting_max_retries;
extern int	 setting_retry_delay;	/* seconds */
extern int	 setting_missed_runs;	/* a MissedRuns of time/plan.h */
extern int	 setting_stale_after;	/* seconds */
extern int	 setting_max_databases; /* places in shared memory */

/* schedules; those of the kinds are the table's own (source/kind.h) */
extern char *setting_timezone;
extern int	 setting_gdelt_max_catchup; /* slices a round */

/* files of secrets; "" : none */
extern char *setting_owm_api_key_file;
extern char *setting_smtp_password_file;
extern char *setting_kaggle_file; /* kaggle.json, as Kaggle gives it */
extern char *setting_s3_access_key_file;
extern char *setting_s3_secret_key_file;
extern char *setting_kaggle_api;

/* operations */
typedef enum ReportLanguage
{
	LANGUAGE_FRENCH,
	LANGUAGE_ENGLISH
} ReportLanguage;

extern int	 setting_report_language; /* a ReportLanguage */
extern char *setting_backup_schedule;
extern char *setting_backup_directory;	 /* "": none are made */
extern char *setting_backup_command;	 /* "": pg_dump */
extern int	 setting_backup_retention;	 /* seconds; 0: for ever */
extern char *setting_archive_url;		 /* "": none; file:///directory or s3://bucket/prefix */
extern int	 setting_archive_queue_size; /* kB */
extern int	 setting_archive_retention;	 /* seconds; 0: for ever */
extern char *setting_s3_endpoint;		 /* "": Amazon's */
extern char *setting_s3_region;
extern char *setting_alert_schedule;
extern char *setting_alert_webhook; /* "": none */
extern char *setting_alert_email;	/* "": none; else with commas */
extern char *setting_alert_email_from;
extern char *setting_smtp_url;
extern char *setting_report_schedule;
extern char *setting_report_directory; /* "": none are written */
extern char *setting_retention_schedule;
extern int	 setting_flux_retention;	/* seconds; 0: for ever */
extern int	 setting_journal_retention; /* the same */

/* safety */
extern bool setting_allow_drop;

/*
 * Checks a schedule for settings_define(): false with *detail (a string of the
 * check's own static buffer) where the expression is wrong.  time/ lies above
 * this room, so the check is handed in.
 */
typedef bool (*ScheduleCheck)(const char *expression, const char **detail);

/*
 * Defines all settings but the schedules of the kinds, which the table of kinds
 * (source/kind.c) adds: datasens.<kind>_schedule, usual where it is not set.  At last the
 * prefix is reserved: another name that begins with it is a mistake.  From _PG_init only.
 */
extern void settings_define(ScheduleCheck check);
extern void settings_define_schedule(const char *kind, char **variable, const char *usual);
extern void settings_reserve(void);

#endif
