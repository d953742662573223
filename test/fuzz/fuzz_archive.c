/*
 * fuzz_archive.c
 *	  Any bytes as a file to unpack: members in order, within the limits, or a failure.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "fuzz.h"

#include "parse/archive.h"

#include <sys/mman.h>
#include <unistd.h>

static const UnpackLimits limits = {1 << 20, 50, 20};

static void
read_members(Unpacker *unpacker)
{
	Failure	   failure = FAILURE_INIT;
	uint64_t   decoded = 0;
	unsigned   members = 0;
	UnpackStep step;
	Text	   text;

	while ((step = unpack_member(unpacker, &text, &failure)) == UNPACK_GOT)
	{
		fuzz_expect(++members <= limits.max_members, "no more members than allowed");
		fuzz_expect_storable(text, "a member's name");
		while ((step = unpack_read(unpacker, &text, &failure)) == UNPACK_GOT)
		{
			fuzz_expect(text.len > 0, "no piece is empty");
			decoded += text.len;
			fuzz_expect(decoded <= limits.max_size, "no more bytes than allowed");
		}
		if (step == UNPACK_FAILED)
			break;
	}
	fuzz_expect((step == UNPACK_FAILED) == failure_is(&failure), "a failure says why");
	fuzz_expect_message(failure.detail);
}

FUZZ_TARGET(archive)
{
	static int file = -1;
	Failure	   failure = FAILURE_INIT;
	Unpacker  *unpacker;

	if (file < 0)
		file = memfd_create("fuzz", 0);
	if (file < 0 || ftruncate(file, 0) != 0 ||
		pwrite(file, input.data, input.len, 0) != (ssize_t) input.len)
		abort();
	unpacker = unpack_open(file, "file.csv.gz", "*", &limits, &failure);
	fuzz_expect((unpacker == NULL) == failure_is(&failure), "opened, or a failure says why");
	if (unpacker != NULL)
		read_members(unpacker);
	unpack_close(unpacker);
}
