/*
 * easy.c
 *	  What all of our easy handles of libcurl have in common.
 */
#include "postgres.h"

#include "base/settings.h"
#include "net/easy.h"

#include "mb/pg_wchar.h"

void
easy_set_text(CURL *easy, CURLoption option, const char *text)
{
	CURLcode code = curl_easy_setopt(easy, option, text);

	if (code == CURLE_OUT_OF_MEMORY)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (code != CURLE_OK)
		elog(ERROR, "could not prepare a request: %s", curl_easy_strerror(code));
}

void
easy_set_safety(CURL *easy)
{
	/* Signals and their handlers are the server's. */
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Do not wait for a name lookup's thread when the transfer is given up. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	easy_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	/* Set even where empty: libcurl would look into the environment. */
	easy_set_text(easy, CURLOPT_PROXY, setting_proxy ? setting_proxy : "");
	easy_set_text(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	if (setting_ca_file && setting_ca_file[0])
		easy_set_text(easy, CURLOPT_CAINFO, setting_ca_file);
}

void
easy_clean_message(char *message)
{
	bool valid = pg_verify_mbstr(PG_UTF8, message, (int) strlen(message), true);

	for (unsigned char *p = (unsigned char *) message; *p; p++)
	{
		if (*p < ' ' || *p == 0x7F)
			*p = ' ';
		else if (*p >= 0x80 && !valid)
			*p = '?';
	}
}
