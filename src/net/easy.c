/*
 * easy.c
 *	  What all of our easy handles of libcurl have in common.
 */
#include "postgres.h"

#include "base/settings.h"
#include "net/easy.h"

bool
easy_set_text(CURL *easy, CURLoption option, const char *text)
{
	return curl_easy_setopt(easy, option, text) == CURLE_OK;
}

bool
easy_set_safety(CURL *easy)
{
	const char *proxy = setting_proxy ? setting_proxy : "";
	bool		own_authorities = setting_ca_file && setting_ca_file[0];

	/* Signals and their handlers are the server's. */
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Do not wait for a name lookup's thread when the transfer is given up. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	/* The proxy is set even where there is none: libcurl would look into the environment. */
	return easy_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https") &&
		   easy_set_text(easy, CURLOPT_PROXY, proxy) && easy_set_text(easy, CURLOPT_NOPROXY, "") &&
		   (!own_authorities || easy_set_text(easy, CURLOPT_CAINFO, setting_ca_file));
}
