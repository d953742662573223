/*
 * easy.h
 *	  What all of our easy handles of libcurl have in common.
 *
 * Called by hop.c, s3_request.c and mail.c; what a request may do beyond this, it sets itself.
 */
#ifndef DATASENS_NET_EASY_H
#define DATASENS_NET_EASY_H

#include <curl/curl.h>
#include <stdbool.h>

/*
 * Sets what must hold for every request, whoever asks it: signals, protocols (http and https),
 * redirects (not followed), proxy, certificates.  False as easy_set_text.
 */
extern bool easy_set_safety(CURL *easy);

/*
 * Sets an option whose text libcurl copies.  False where it has no memory for the copy, or does not
 * know the option: without its URL, its proxy or its protocols a request would be another one, and
 * must not be sent.
 */
extern bool easy_set_text(CURL *easy, CURLoption option, const char *text);

#endif
