/*
 * archive.c
 *	  The streams of archive.h.
 *
 * Zip is libarchive's: with its seeking reader, which goes by the central
 * directory at the end.  Gzip is zlib's, since libarchive checks neither a gzip
 * file's checksum nor its length.  Whatever an archive says of its sizes, only
 * bytes that came out are counted.  Called by the kinds that download files; the
 * libraries' callbacks do nothing but read.
 */
#include "parse/archive.h"

#include "parse/charset.h"
#include "parse/zip_directory.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define IN_SIZE 65536
#define OUT_SIZE 131072
#define NAME_SIZE 1024

/* Only beyond this is the ratio looked at: small files may be anything. */
#define RATIO_FROM (1024 * 1024)

/* Names of members that a failure lists. */
#define LISTED 5

typedef enum Kind
{
	KIND_PLAIN,
	KIND_GZIP,
	KIND_ZIP
} Kind;

struct Unpacker
{
	int				fd;
	Kind			kind;
	UnpackLimits	limits;
	char		   *pattern; /* NULL: tables by their names' ends */
	uint64_t		file_size;
	uint64_t		position; /* of the next byte of the file */
	uint64_t		decoded;
	unsigned		members; /* seen */
	unsigned		picked;
	bool			fresh; /* no byte of this member was given yet */
	char			name[NAME_SIZE * 3 + 1];
	char			listed[FAILURE_DETAIL_SIZE / 2];
	struct archive *zip;
	z_stream		gzip;
	bool			gzip_open;
	bool			gzip_between; /* members of the gzip file: its end is allowed here */
	char			in[IN_SIZE];
	char			out[OUT_SIZE];
};

/* What a file's first bytes say it is. */
static const struct
{
	const char *bytes;
	size_t		len;
	size_t		at;
	const char *what;
} magics[] = {
	{"PK\x03\x04", 4, 0, "zip"},
	{"PK\x05\x06", 4, 0, "zip"},
	{"\x1F\x8B\x08", 3, 0, "gzip"},
	{"7z\xBC\xAF\x27\x1C", 6, 0, "7z"},
	{"Rar!\x1A\x07", 6, 0, "rar"},
	{"\xFD"
	 "7zXZ\0",
	 6, 0, "xz"},
	{"BZh", 3, 0, "bzip2"},
	{"\x28\xB5\x2F\xFD", 4, 0, "zstd"},
	{"\x1F\x9D", 2, 0, "compress"},
	{"PAR1", 4, 0, "parquet"},
	{"%PDF-", 5, 0, "pdf"},
	{"SQLite format 3", 16, 0, "sqlite"},
	{"ustar", 5, 257, "tar"},
};

/* The name of an archive's or another binary file's kind; NULL for what may be text. */
static const char *
kind_of(const char *data, size_t len)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
	{
		if (len >= magics[i].at + magics[i].len &&
			memcmp(data + magics[i].at, magics[i].bytes, magics[i].len) == 0)
		{
			/* a text may begin with "BZh", but not go on as bzip2 does */
			if (strcmp(magics[i].what, "bzip2") != 0 ||
				(len >= 10 && memcmp(data + 4, "1AY&SY", 6) == 0))
				return magics[i].what;
		}
	}
	return NULL;
}

/* Up to size bytes at offset, fewer only at the file's end; -1 as pread. */
static ssize_t
read_at(int fd, char *data, size_t size, uint64_t offset)
{
	size_t len = 0;

	while (len < size)
	{
		ssize_t n = pread(fd, data + len, size - len, (off_t) (offset + len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t) n;
	}
	return (ssize_t) len;
}

static void
read_failed(Failure *failure)
{
	failure_set(failure, FAILURE_STORE, "reading the file: %s", strerror(errno));
}

static la_ssize_t
zip_read(struct archive *archive, void *context, const void **data)
{
	Unpacker *unpacker = context;
	ssize_t	  len = read_at(unpacker->fd, unpacker->in, IN_SIZE, unpacker->position);

	if (len < 0)
	{
		archive_set_error(archive, errno, "reading the file: %s", strerror(errno));
		return ARCHIVE_FATAL;
	}
	unpacker->position += (uint64_t) len;
	*data = unpacker->in;
	return len;
}

static la_int64_t
zip_skip(struct archive *archive, void *context, la_int64_t request)
{
	Unpacker *unpacker = context;
	uint64_t  left = unpacker->file_size - unpacker->position;

	(void) archive;
	if (unpacker->position >= unpacker->file_size || request <= 0)
		return 0;
	if ((uint64_t) request > left)
		request = (la_int64_t) left;
	unpacker->position += (uint64_t) request;
	return request;
}

static la_int64_t
zip_seek(struct archive *archive, void *context, la_int64_t offset, int whence)
{
	Unpacker *unpacker = context;
	int64_t	  base = whence == SEEK_SET	  ? 0
					 : whence == SEEK_CUR ? (int64_t) unpacker->position
										  : (int64_t) unpacker->file_size;

	(void) archive;
	if (base + offset < 0)
		return ARCHIVE_FATAL;
	unpacker->position = (uint64_t) (base + offset);
	return base + offset;
}

static bool
open_zip(Unpacker *unpacker, Failure *failure)
{
	struct archive *zip;

	if (!zip_directory_check(unpacker->fd, unpacker->file_size, unpacker->limits.max_members,
							 failure))
		return false;
	zip = unpacker->zip = archive_read_new();
	if (zip == NULL)
	{
		failure_set(failure, FAILURE_MEMORY, "out of memory");
		return false;
	}
	archive_read_support_format_zip_seekable(zip);
	archive_read_set_read_callback(zip, zip_read);
	archive_read_set_skip_callback(zip, zip_skip);
	archive_read_set_seek_callback(zip, zip_seek);
	archive_read_set_callback_data(zip, unpacker);
	if (archive_read_open1(zip) == ARCHIVE_OK)
		return true;
	failure_set(failure, FAILURE_PARSE, "the zip file cannot be read: %s",
				archive_error_string(zip) != NULL ? archive_error_string(zip) : "it is damaged");
	return false;
}

static bool
open_gzip(Unpacker *unpacker, Failure *failure)
{
	unpacker->gzip.next_in = (Bytef *) unpacker->in;
	/* 16: gzip's header and trailer, with its checksum */
	unpacker->gzip_open = inflateInit2(&unpacker->gzip, MAX_WBITS + 16) == Z_OK;
	if (!unpacker->gzip_open)
		failure_set(failure, FAILURE_MEMORY, "out of memory");
	return unpacker->gzip_open;
}

/* The kind by the first bytes. */
static bool
open_by_kind(Unpacker *unpacker, Failure *failure)
{
	char		head[512];
	ssize_t		len = read_at(unpacker->fd, head, sizeof(head), 0);
	const char *what;

	if (len < 0)
	{
		read_failed(failure);
		return false;
	}
	if (len == 0)
	{
		failure_set(failure, FAILURE_TRUNCATED, "the file is empty");
		return false;
	}
	what = kind_of(head, (size_t) len);
	if (what != NULL && strcmp(what, "zip") == 0)
	{
		unpacker->kind = KIND_ZIP;
		return open_zip(unpacker, failure);
	}
	if (what != NULL && strcmp(what, "gzip") == 0)
	{
		unpacker->kind = KIND_GZIP;
		return open_gzip(unpacker, failure);
	}
	if (what != NULL)
		failure_set(failure, FAILURE_PARSE, "a file of the kind %s is not read", what);
	return what == NULL;
}

/*
 * A name as UTF-8: what is none as windows-1252; cut where it is longer than any real one.
 * It is told and compared and nothing else, but a line of a log is to stay one.
 */
static void
set_name(Unpacker *unpacker, const char *name)
{
	size_t len = strlen(name);
	size_t at = 0;
	bool   utf8;

	if (len > NAME_SIZE)
		len = NAME_SIZE;
	utf8 = utf8_mostly((Text){name, len});
	while (len > 0)
	{
		size_t run = utf8 || (unsigned char) *name < 0x80
						 ? utf8_length((const unsigned char *) name, len)
						 : 0;

		if (run > 0)
			memcpy(unpacker->name + at, name, run);
		at += run > 0 ? run : windows_1252_as_utf8((unsigned char) *name, unpacker->name + at);
		run = run > 0 ? run : 1;
		name += run;
		len -= run;
	}
	unpacker->name[at] = '\0';
	for (char *p = unpacker->name; *p != '\0'; p++)
	{
		if ((unsigned char) *p < ' ' || *p == 0x7F)
			*p = '?';
	}
}

static bool
ends_in(const char *name, const char *end)
{
	size_t len = strlen(name);
	size_t end_len = strlen(end);

	return len >= end_len && strcasecmp(name + len - end_len, end) == 0;
}

Unpacker *
unpack_open(int fd, const char *name, const char *pattern, const UnpackLimits *limits,
			Failure *failure)
{
	Unpacker   *unpacker = malloc(sizeof(Unpacker));
	struct stat status;

	if (unpacker == NULL)
	{
		failure_set(failure, FAILURE_MEMORY, "out of memory");
		return NULL;
	}
	memset(unpacker, 0, offsetof(Unpacker, in));
	unpacker->fd = fd;
	unpacker->limits = *limits;
	unpacker->pattern = pattern != NULL ? strdup(pattern) : NULL;
	if (fstat(fd, &status) != 0)
		read_failed(failure);
	else if (pattern != NULL && unpacker->pattern == NULL)
		failure_set(failure, FAILURE_MEMORY, "out of memory");
	else
	{
		unpacker->file_size = (uint64_t) status.st_size;
		if (open_by_kind(unpacker, failure))
		{
			set_name(unpacker, name != NULL ? name : "");
			if (unpacker->kind == KIND_GZIP && ends_in(unpacker->name, ".gz"))
				unpacker->name[strlen(unpacker->name) - 3] = '\0';
			return unpacker;
		}
	}
	unpack_close(unpacker);
	return NULL;
}

void
unpack_close(Unpacker *unpacker)
{
	if (unpacker == NULL)
		return;
	if (unpacker->zip != NULL)
		archive_read_free(unpacker->zip);
	if (unpacker->gzip_open)
		inflateEnd(&unpacker->gzip);
	free(unpacker->pattern);
	free(unpacker);
}

bool
unpack_is_zip(const Unpacker *unpacker)
{
	return unpacker->kind == KIND_ZIP;
}

/* Whether the member is wanted; the droppings of a Macintosh never are unless named. */
static bool
is_picked(const Unpacker *unpacker)
{
	const char *name = unpacker->name;
	const char *slash = strrchr(name, '/');
	const char *base = slash != NULL ? slash + 1 : name;
	const char *pattern = unpacker->pattern;

	if (pattern == NULL)
		return *base != '.' && strncmp(name, "__MACOSX/", 9) != 0 &&
			   (ends_in(base, ".csv") || ends_in(base, ".tsv") || ends_in(base, ".txt"));
	if (strcmp(pattern, name) == 0 || strcmp(pattern, base) == 0)
		return true;
	return *base != '.' && fnmatch(pattern, strchr(pattern, '/') != NULL ? name : base, 0) == 0;
}

/* libarchive's error as a failure.  It has one number for most of them, so its words count. */
static void
zip_failed(Unpacker *unpacker, Failure *failure)
{
	const char *said = archive_error_string(unpacker->zip);
	const char *name = unpacker->name;

	said = said != NULL ? said : "it is damaged";
	if (archive_errno(unpacker->zip) == ENOMEM)
		failure_set(failure, FAILURE_MEMORY, "out of memory");
	else if (strstr(said, "runcated") != NULL)
		failure_set(failure, FAILURE_TRUNCATED, "the zip file ends within \"%s\"", name);
	else if (strstr(said, "ncrypt") != NULL || strstr(said, "assphrase") != NULL)
		failure_set(failure, FAILURE_PARSE, "\"%s\" in the zip file is encrypted", name);
	else
		failure_set(failure, FAILURE_PARSE, "\"%s\" in the zip file cannot be read: %s", name,
					said);
}

/* Keeps the names of some members, for the failure when none is picked. */
static void
list_member(Unpacker *unpacker)
{
	size_t len = strlen(unpacker->listed);
	size_t name_len = strlen(unpacker->name);

	if (unpacker->members > LISTED || len + name_len + 3 > sizeof(unpacker->listed))
		return;
	if (len > 0)
	{
		memcpy(unpacker->listed + len, ", ", 2);
		len += 2;
	}
	memcpy(unpacker->listed + len, unpacker->name, name_len + 1);
}

/*
 * Goes on to the next member that is wanted. All are counted, those that are not wanted too: a
 * directory of millions would otherwise be gone through for nothing.
 */
static UnpackStep
next_zip_member(Unpacker *unpacker, Failure *failure)
{
	struct archive_entry *entry;
	int					  result;

	while ((result = archive_read_next_header(unpacker->zip, &entry)) == ARCHIVE_OK ||
		   result == ARCHIVE_WARN)
	{
		const char *name = archive_entry_pathname(entry);

		if (name == NULL)
			name = archive_entry_pathname_utf8(entry);
		set_name(unpacker, name != NULL ? name : "");
		if (++unpacker->members > unpacker->limits.max_members)
		{
			failure_set(failure, FAILURE_TOO_LARGE, "the zip file has more than %u members",
						unpacker->limits.max_members);
			return UNPACK_FAILED;
		}
		if (archive_entry_filetype(entry) != AE_IFREG)
			continue;
		list_member(unpacker);
		if (!is_picked(unpacker))
			continue;
		unpacker->picked++;
		if (!archive_entry_is_encrypted(entry))
			return UNPACK_GOT;
		failure_set(failure, FAILURE_PARSE, "\"%s\" in the zip file is encrypted", unpacker->name);
		return UNPACK_FAILED;
	}
	if (result != ARCHIVE_EOF)
		zip_failed(unpacker, failure);
	else if (unpacker->picked > 0)
		return UNPACK_END;
	else
		failure_set(failure, FAILURE_PARSE, "no file in the zip file is %s%s; there are: %s%s",
					unpacker->pattern != NULL ? "called " : "a .csv, .tsv or .txt",
					unpacker->pattern != NULL ? unpacker->pattern : "",
					unpacker->listed[0] != '\0' ? unpacker->listed : "none",
					unpacker->members > LISTED ? ", ..." : "");
	return UNPACK_FAILED;
}

UnpackStep
unpack_member(Unpacker *unpacker, Text *name, Failure *failure)
{
	unpacker->fresh = true;
	if (unpacker->kind == KIND_ZIP)
	{
		UnpackStep step = next_zip_member(unpacker, failure);

		if (step != UNPACK_GOT)
			return step;
	}
	else if (unpacker->picked++ > 0)
		return UNPACK_END;
	*name = (Text){unpacker->name, strlen(unpacker->name)};
	return UNPACK_GOT;
}

static UnpackStep
read_plain(Unpacker *unpacker, Text *chunk, Failure *failure)
{
	ssize_t len = read_at(unpacker->fd, unpacker->out, OUT_SIZE, unpacker->position);

	if (len < 0)
	{
		read_failed(failure);
		return UNPACK_FAILED;
	}
	unpacker->position += (uint64_t) len;
	*chunk = (Text){unpacker->out, (size_t) len};
	return len > 0 ? UNPACK_GOT : UNPACK_END;
}

static UnpackStep
read_zip(Unpacker *unpacker, Text *chunk, Failure *failure)
{
	const void *data;
	size_t		len;
	la_int64_t	offset;
	int			result;

	do
		result = archive_read_data_block(unpacker->zip, &data, &len, &offset);
	while (result == ARCHIVE_OK && len == 0);
	*chunk = (Text){data, len};
	if (result == ARCHIVE_OK)
		return UNPACK_GOT;
	if (result == ARCHIVE_EOF)
		return UNPACK_END;
	zip_failed(unpacker, failure);
	return UNPACK_FAILED;
}

/* More of the file for zlib; false at its end and on failure. */
static bool
refill_gzip(Unpacker *unpacker, Failure *failure)
{
	ssize_t len = read_at(unpacker->fd, unpacker->in, IN_SIZE, unpacker->position);

	if (len < 0)
		read_failed(failure);
	if (len <= 0)
		return false;
	unpacker->position += (uint64_t) len;
	unpacker->gzip.next_in = (Bytef *) unpacker->in;
	unpacker->gzip.avail_in = (uInt) len;
	return true;
}

/* A gzip file may be several one after the other (RFC 1952, 2.2), and end in NUL bytes. */
static UnpackStep
read_gzip(Unpacker *unpacker, Text *chunk, Failure *failure)
{
	z_stream *gzip = &unpacker->gzip;
	int		  result = Z_OK;

	gzip->next_out = (Bytef *) unpacker->out;
	gzip->avail_out = OUT_SIZE;
	while (gzip->avail_out == OUT_SIZE)
	{
		if (gzip->avail_in == 0 && !refill_gzip(unpacker, failure))
		{
			if (unpacker->gzip_between && !failure_is(failure))
				return UNPACK_END;
			if (!failure_is(failure))
				failure_set(failure, FAILURE_TRUNCATED, "the gzip file ends too early");
			return UNPACK_FAILED;
		}
		if (unpacker->gzip_between && *gzip->next_in == '\0')
		{
			gzip->next_in++;
			gzip->avail_in--;
			continue;
		}
		if (unpacker->gzip_between)
			inflateReset(gzip);
		unpacker->gzip_between = false;
		result = inflate(gzip, Z_NO_FLUSH);
		unpacker->gzip_between = result == Z_STREAM_END;
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
		{
			failure_set(failure, result == Z_MEM_ERROR ? FAILURE_MEMORY : FAILURE_PARSE,
						"the gzip file cannot be read: %s",
						gzip->msg != NULL ? gzip->msg : "it is damaged");
			return UNPACK_FAILED;
		}
	}
	*chunk = (Text){unpacker->out, OUT_SIZE - gzip->avail_out};
	return UNPACK_GOT;
}

/* Counts what came out, whatever the archive says of it. */
static bool
within_limits(Unpacker *unpacker, Failure *failure)
{
	const UnpackLimits *limits = &unpacker->limits;

	if (unpacker->decoded > limits->max_size)
		failure_set(failure, FAILURE_TOO_LARGE, "the file is larger than %llu bytes",
					(unsigned long long) limits->max_size);
	else if (unpacker->kind != KIND_PLAIN && unpacker->decoded > RATIO_FROM &&
			 unpacker->decoded / limits->max_ratio > unpacker->file_size)
		failure_set(failure, FAILURE_TOO_LARGE, "the archive unpacks to over %u times its size",
					limits->max_ratio);
	else
		return true;
	return false;
}

UnpackStep
unpack_read(Unpacker *unpacker, Text *chunk, Failure *failure)
{
	UnpackStep	step;
	const char *what;

	if (unpacker->kind == KIND_ZIP)
		step = read_zip(unpacker, chunk, failure);
	else if (unpacker->kind == KIND_GZIP)
		step = read_gzip(unpacker, chunk, failure);
	else
		step = read_plain(unpacker, chunk, failure);
	if (step != UNPACK_GOT)
		return step;
	unpacker->decoded += chunk->len;
	if (!within_limits(unpacker, failure))
		return UNPACK_FAILED;
	what = unpacker->fresh ? kind_of(chunk->data, chunk->len) : NULL;
	unpacker->fresh = false;
	if (what == NULL)
		return UNPACK_GOT;
	failure_set(failure, FAILURE_PARSE, "\"%s\" is itself a file of the kind %s", unpacker->name,
				what);
	return UNPACK_FAILED;
}
