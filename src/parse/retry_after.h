/*
 * retry_after.h
 *	  The field Retry-After of a server that is busy.  Plain C; called while a header is
 *	  received.
 */
#ifndef DATASENS_PARSE_RETRY_AFTER_H
#define DATASENS_PARSE_RETRY_AFTER_H

#include "base/arena.h"

#include <stdint.h>

/* It is believed up to a day (seconds). */
#define RETRY_AFTER_MAX 86400

/*
 * Seconds to wait from now (seconds since 1970 UTC): a number of them, or until a date in any
 * of HTTP's three forms (RFC 9110, 10.2.3 and 5.6.7); 0 for one that has passed, at most
 * RETRY_AFTER_MAX.  -1 for what is neither.  The value is any bytes.
 */
extern int retry_after_read(Text value, int64_t now);

#endif
