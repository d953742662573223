/*
 * easy.h
 *	  What all of our easy handles of libcurl have in common.
 *
 * Called by hop.c, s3_request.c and mail.c; what a request may do beyond this, it sets itself.
 */
#ifndef DATASENS_NET_EASY_H
#define DATASENS_NET_EASY_H

#include <curl/curl.h>

/*
 * Sets what must hold for every request, whoever asks it: signals, protocols (http and https),
 * redirects (not followed), proxy, certificates.
 */
extern void easy_set_safety(CURL *easy);

/*
 * Sets an option whose text libcurl copies.  No memory for the copy is an error: without its URL,
 * its proxy or its protocols a request would be another one.
 */
extern void easy_set_text(CURL *easy, CURLoption option, const char *text);

/* Makes one line of UTF-8, in place, of a message that libcurl or a server has a part in. */
extern void easy_clean_message(char *message);

#endif
