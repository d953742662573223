/*
 * s3.c
 *	  Objects in a bucket: what is asked of the service, and in which order.
 */
#include "postgres.h"

#include "base/hasher.h"
#include "net/s3_parts.h"
#include "parse/s3_answer.h"
#include "parse/url.h"

#include <unistd.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

/* A part is at least so large, and there are at most so many of them. */
#define PART_SIZE (INT64CONST(16) * 1024 * 1024)
#define MAX_PARTS 10000

#define CHUNK (256 * 1024)

/* Uploads that are taken back in one go; a service lists 1,000 at a time. */
#define MAX_LISTS 100

/* A piece of the file, and what it is known by. */
typedef struct Piece
{
	int	  file;
	int64 offset;
	int64 size;
	uint8 hash[SHA256_SIZE];
	char  md5[2 * MD5_SIZE + 1];
} Piece;

/* The content of an element as a palloc'd string. */
static char *
string_of(S3 *s3, Text content)
{
	Text text = s3_text(s3_arena(s3), content);

	if (!text_present(text))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return pnstrdup(text.data, text.len);
}

/* A value of a query, palloc'd. */
static char *
coded(S3 *s3, const char *value)
{
	Text text = url_encode(s3_arena(s3), (Text){value, strlen(value)});

	if (!text_present(text))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return pnstrdup(text.data, text.len);
}

/* A request without a body. */
static S3Ask
plain(S3Method method, const char *key, const char *query)
{
	S3Ask ask = {.method = method, .key = key, .query = query, .file = -1, .target = -1};

	s3_hash_nothing(ask.hash);
	return ask;
}

static char *
about(const char *verb, const char *key)
{
	return psprintf("%s object \"%s\"", verb, key);
}

/* ---- putting ---- */

/* Reads the piece for what it is known by, and adds it to the whole; what went wrong, or NULL. */
static char *
measure(Piece *piece, Hasher *whole)
{
	char		 *chunk = palloc(CHUNK);
	Hasher		 *hasher = hasher_own();
	Md5			  md5;
	unsigned char digest[MD5_SIZE];
	bool		  hashed = hasher_begin(hasher);
	int64		  done = 0;

	md5_start(&md5);
	while (done < piece->size && hashed)
	{
		ssize_t n = pread(piece->file, chunk, (size_t) Min(CHUNK, piece->size - done),
						  piece->offset + done);

		CHECK_FOR_INTERRUPTS();
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return psprintf("could not read the file to be archived: %s",
							n == 0 ? "it has become shorter" : strerror(errno));
		hashed = hasher_add(hasher, chunk, (size_t) n) && hasher_add(whole, chunk, (size_t) n);
		md5_add(&md5, chunk, (size_t) n);
		done += n;
	}
	md5_end(&md5, digest);
	piece->md5[hex_encode((const char *) digest, MD5_SIZE, piece->md5)] = '\0';
	pfree(chunk);
	return hashed && hasher_end(hasher, piece->hash) ? NULL : pstrdup("could not compute SHA-256");
}

/*
 * Whether what the service says to have is what was sent.  An ETag of another form, or of
 * what is encrypted with a key of its own, is no MD5.
 */
static char *
check_etag(const S3Answer *answer, const Piece *piece, const char *key)
{
	if (answer->keyed || strlen(answer->etag) != 2 * MD5_SIZE ||
		strspn(answer->etag, "0123456789abcdef") != 2 * MD5_SIZE ||
		strcmp(answer->etag, piece->md5) == 0)
		return NULL;
	return psprintf("object \"%s\" has not arrived as it was sent: its ETag is %s, its MD5 %s", key,
					answer->etag, piece->md5);
}

/* Whether the whole, all of which has been read, is the file that was meant. */
static char *
check_whole(Hasher *whole, const char *digits)
{
	uint8 hash[SHA256_SIZE];
	char  found[HASHER_DIGITS + 1];

	if (!hasher_end(whole, hash))
		return pstrdup("could not compute SHA-256");
	hasher_write_digits(hash, found);
	if (strcmp(found, digits) == 0)
		return NULL;
	return psprintf("the file to be archived has changed: its SHA-256 is %s, not %s", found,
					digits);
}

/* Sends a piece that has been measured: *etag is the service's answer. */
static char *
put_piece(S3 *s3, const Piece *piece, const char *key, const char *query, const char *note,
		  char etag[S3_ETAG_SIZE])
{
	S3Ask	 ask = plain(S3_PUT, key, query);
	S3Answer answer;
	char	*error;

	ask.file = piece->file;
	ask.offset = piece->offset;
	ask.size = piece->size;
	ask.note = note;
	memcpy(ask.hash, piece->hash, SHA256_SIZE);
	error = s3_ask(s3, &ask, about("put", key), &answer);
	if (error == NULL)
		error = check_etag(&answer, piece, key);
	strlcpy(etag, answer.etag, S3_ETAG_SIZE);
	return error;
}

/* Begins an upload in parts; *id is the service's name for it, coded. */
static char *
begin_upload(S3 *s3, const char *key, const char *digits, char **id)
{
	S3Ask	 ask = plain(S3_POST, key, "uploads=");
	S3Answer answer;
	char	*error;
	size_t	 place = 0;
	Text	 content;

	ask.note = digits;
	error = s3_ask(s3, &ask, about("begin", key), &answer);
	if (error)
		return error;
	content = s3_element(answer.body, "UploadId", &place);
	if (!text_present(content) || content.len == 0)
		return psprintf("could not begin object \"%s\": the service named no upload", key);
	*id = coded(s3, string_of(s3, content));
	return NULL;
}

static char *
abort_upload(S3 *s3, const char *key, const char *id)
{
	S3Ask	 ask = plain(S3_DELETE, key, psprintf("uploadId=%s", id));
	S3Answer answer;
	char	*error = s3_ask(s3, &ask, about("take back", key), &answer);

	return strcmp(answer.code, "NoSuchUpload") == 0 ? NULL : error;
}

/*
 * Puts the parts together.  One that is not there any more may have been put together by
 * an attempt whose answer was lost: what is there in the end decides.
 */
static char *
end_upload(S3 *s3, const char *key, const char *id, StringInfo parts)
{
	S3Ask	 ask = plain(S3_POST, key, psprintf("uploadId=%s", id));
	S3Answer answer;
	Text	 body;
	char	*error;

	appendStringInfoString(parts, "</CompleteMultipartUpload>");
	body = (Text){parts->data, (size_t) parts->len};
	ask.body = parts->data;
	ask.size = parts->len;
	if (!hasher_pieces(hasher_own(), &body, 1, ask.hash))
		return pstrdup("could not compute SHA-256");
	error = s3_ask(s3, &ask, about("end", key), &answer);
	return strcmp(answer.code, "NoSuchUpload") == 0 ? NULL : error;
}

/* Sends the parts, and notes each in the document that puts them together. */
static char *
put_parts(S3 *s3, const char *key, const char *id, int file, int64 size, Hasher *whole,
		  StringInfo parts)
{
	int64 part_size = Max(PART_SIZE, (size + MAX_PARTS - 1) / MAX_PARTS);
	int64 offset = 0;

	for (int number = 1; offset < size; number++)
	{
		Piece piece = {.file = file, .offset = offset, .size = Min(part_size, size - offset)};
		char *query = psprintf("partNumber=%d&uploadId=%s", number, id);
		char  etag[S3_ETAG_SIZE];
		char *error = measure(&piece, whole);

		s3_moved(s3, offset);
		if (error == NULL)
			error = put_piece(s3, &piece, key, query, NULL, etag);
		if (error)
			return error;
		/* An ETag is printable ASCII; what would be markup is none. */
		if (strpbrk(etag, "<>&") != NULL)
			return psprintf("could not put object \"%s\": the service's ETag is none", key);
		appendStringInfo(parts, "<Part><PartNumber>%d</PartNumber><ETag>\"%s\"</ETag></Part>",
						 number, etag);
		pfree(query);
		offset += piece.size;
	}
	s3_moved(s3, size);
	return NULL;
}

/*
 * A file that is larger than one request may be. The parts are hashed as they are read; if their
 * sum is not that of the digits, the file has changed meanwhile, and the upload is called off.
 * Parts of an upload that is neither completed nor called off would be stored, and paid for, for
 * ever.
 */
static char *
put_in_parts(S3 *s3, const char *key, int file, int64 size, const char *digits, Hasher *whole)
{
	StringInfoData parts;
	char		  *id = NULL;
	char		  *error = begin_upload(s3, key, digits, &id);

	if (error)
		return error;
	initStringInfo(&parts);
	appendStringInfoString(
		&parts, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	error = put_parts(s3, key, id, file, size, whole, &parts);
	if (error == NULL)
		error = check_whole(whole, digits);
	if (error == NULL)
		error = end_upload(s3, key, id, &parts);
	if (error)
	{
		char *left = abort_upload(s3, key, id);

		if (left)
			error = psprintf("%s (and %s)", error, left);
	}
	return error;
}

/* What is there now is what was to be put there; etag: the service's word for it, or "". */
static char *
verify(S3 *s3, const char *key, int64 size, const char *digits, const char *etag)
{
	S3Object object;
	char	*error = s3_head(s3, key, &object);

	if (error)
		return error;
	if (!object.there)
		return psprintf("object \"%s\" was put and is not there", key);
	if (object.size != size)
		return psprintf("object \"%s\" was put with %lld bytes and has %lld", key, (long long) size,
						(long long) object.size);
	if (object.sha256[0] != '\0' && strcmp(object.sha256, digits) != 0)
		return psprintf("object \"%s\" is not the one that was put: its SHA-256 is %s, not %s", key,
						object.sha256, digits);
	if (etag[0] != '\0' && object.etag[0] != '\0' && strcmp(object.etag, etag) != 0)
		return psprintf("object \"%s\" is not the one that was put: its ETag is %s, not %s", key,
						object.etag, etag);
	return NULL;
}

static char *
put_at_once(S3 *s3, const char *key, int file, int64 size, const char *digits, Hasher *whole,
			char etag[S3_ETAG_SIZE])
{
	Piece piece = {.file = file, .size = size};
	char *error = measure(&piece, whole);

	if (error == NULL)
		error = check_whole(whole, digits);
	return error ? error : put_piece(s3, &piece, key, NULL, digits, etag);
}

char *
s3_put_file(S3 *s3, const char *key, int file, int64 size, const char *digits)
{
	Hasher *whole = hasher_create();
	char	etag[S3_ETAG_SIZE] = "";
	char *volatile error = NULL;

	s3_moved(s3, 0);
	PG_TRY();
	{
		if (!hasher_begin(whole))
			error = pstrdup("could not compute SHA-256");
		else if (size > PART_SIZE)
			error = put_in_parts(s3, key, file, size, digits, whole);
		else
			error = put_at_once(s3, key, file, size, digits, whole, etag);
	}
	PG_FINALLY();
	{
		hasher_free(whole);
	}
	PG_END_TRY();
	return error ? error : verify(s3, key, size, digits, etag);
}

/* ---- reading and removing ---- */

char *
s3_head(S3 *s3, const char *key, S3Object *object)
{
	S3Ask	 ask = plain(S3_HEAD, key, NULL);
	S3Answer answer;
	char	*error = s3_ask(s3, &ask, about("look at", key), &answer);

	memset(object, 0, sizeof(*object));
	if (answer.status == 404)
		return NULL;
	if (error)
		return error;
	object->there = true;
	object->size = answer.length;
	strlcpy(object->etag, answer.etag, sizeof(object->etag));
	strlcpy(object->sha256, answer.sha256, sizeof(object->sha256));
	return NULL;
}

char *
s3_get(S3 *s3, const char *key, int file, int64 max, int64 *size)
{
	S3Ask	 ask = plain(S3_GET, key, NULL);
	S3Answer answer;
	char	*error;

	ask.to_file = true;
	ask.target = file;
	ask.max_size = max;
	s3_moved(s3, 0);
	error = s3_ask(s3, &ask, about("get", key), &answer);
	*size = answer.length;
	return error;
}

char *
s3_delete(S3 *s3, const char *key)
{
	S3Ask	 ask = plain(S3_DELETE, key, NULL);
	S3Answer answer;
	char	*error = s3_ask(s3, &ask, about("remove", key), &answer);

	return strcmp(answer.code, "NoSuchKey") == 0 ? NULL : error;
}

/* Whether the answer says that there is more. */
static bool
is_truncated(Text answer)
{
	size_t place = 0;

	return text_is(s3_element(answer, "IsTruncated", &place), "true");
}

/* Those of one list; *n of them. */
static char *
abort_listed(S3 *s3, const char *prefix, int *n, bool *more)
{
	S3Ask	 ask = plain(S3_GET, NULL, psprintf("prefix=%s&uploads=", coded(s3, prefix)));
	S3Answer answer;
	size_t	 place = 0;
	Text	 content;
	List	*uploads = NIL;
	char	*error = s3_ask(s3, &ask, "list the uploads in the bucket", &answer);

	*n = 0;
	*more = false;
	/* A service that has no list of them clears them away itself, or not at all. */
	if (strcmp(answer.code, "NotImplemented") == 0)
		return NULL;
	if (error)
		return error;
	while (text_present(content = s3_element(answer.body, "Upload", &place)))
	{
		size_t key_place = 0;
		size_t id_place = 0;
		Text   key = s3_element(content, "Key", &key_place);
		Text   id = s3_element(content, "UploadId", &id_place);

		if (text_present(key) && text_present(id))
			uploads = lappend(uploads, list_make2(string_of(s3, key), string_of(s3, id)));
	}
	*more = is_truncated(answer.body);
	*n = list_length(uploads);
	for (int i = 0; i < *n && error == NULL; i++)
	{
		List *upload = list_nth(uploads, i);

		error = abort_upload(s3, linitial(upload), coded(s3, lsecond(upload)));
	}
	return error;
}

/* Each list is of what is still there. */
char *
s3_abort_all(S3 *s3, const char *prefix)
{
	char *error;
	bool  more;
	int	  n;
	int	  lists = 0;

	do
		error = abort_listed(s3, prefix, &n, &more);
	while (error == NULL && more && n > 0 && ++lists < MAX_LISTS);
	return error;
}
