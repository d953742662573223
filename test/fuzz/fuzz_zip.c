/*
 * fuzz_zip.c
 *	  The directory at the end of a zip file: sound, or a failure that says why.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "parse/zip_directory.h"

#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

FUZZ_TARGET(zip)
{
	static int file = -1;
	Failure	   failure = FAILURE_INIT;

	if (file < 0)
		file = memfd_create("fuzz", 0);
	if (file < 0 || ftruncate(file, 0) != 0 ||
		pwrite(file, input.data, input.len, 0) != (ssize_t) input.len)
		abort();
	fuzz_expect(zip_directory_check(file, input.len, 50, &failure) != failure_is(&failure),
				"sound, or a failure says why");
	fuzz_expect_message(failure.detail);
}
