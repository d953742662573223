/*
 * options.c
 *	  Where UBSan's runtime has its options from.
 *
 * Like faults.c, in src/ of the checkout that test/instrument builds, and nowhere else.  By itself
 * the runtime reads /proc/self/environ when it has its first report; there the server has put what
 * ps shows.
 */
#include <stdlib.h>

extern const char *__ubsan_default_options(void);

const char *
__ubsan_default_options(void)
{
	const char *options = getenv("UBSAN_OPTIONS");

	return options != NULL ? options : "";
}
