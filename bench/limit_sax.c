/*
 * limit_sax.c
 *	  The limit of parsing: libxml2's SAX parser and SHA-256, nothing else.
 *
 *	  limit_sax FILE...
 *
 * reads the feeds into memory, and then, with the clock running, parses each in
 * pieces of 16 KB as they would arrive, gathers the text of every child of
 * every entry, and digests title and description.  The HTML within stays as it
 * is: what a collector has to do besides is its own affair.  Prints seconds,
 * entries and bytes of text as JSON.
 */
#include <libxml/parser.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PIECE 16384
#define MAX_ENTRY (1024 * 1024)

typedef struct File
{
	char  *data;
	size_t length;
} File;

typedef struct Reader
{
	bool		in_entry;
	int			depth; /* below the entry */
	char	   *text;  /* of the entry's children so far */
	size_t		length;
	size_t		child; /* where the present child's text starts in it */
	EVP_MD_CTX *sha;
	long		entries;
	size_t		total;
} Reader;

static void
check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "limit_sax: %s failed\n", what);
	exit(1);
}

static bool
is(const xmlChar *name, const char *other)
{
	return strcmp((const char *) name, other) == 0;
}

static bool
is_entry(const xmlChar *name)
{
	return is(name, "item") || is(name, "entry");
}

static void
start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
			  int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
			  const xmlChar **attributes)
{
	Reader *reader = context;

	(void) prefix, (void) uri, (void) n_namespaces, (void) namespaces;
	(void) n_attributes, (void) n_defaulted, (void) attributes;
	if (reader->in_entry)
	{
		if (reader->depth++ == 0)
			reader->child = reader->length;
	}
	else if (is_entry(name))
	{
		reader->in_entry = true;
		reader->length = 0;
		check(EVP_DigestInit_ex(reader->sha, EVP_sha256(), NULL) == 1, "EVP_DigestInit_ex");
	}
}

static void
end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	Reader		 *reader = context;
	unsigned char hash[EVP_MAX_MD_SIZE];

	(void) prefix, (void) uri;
	if (!reader->in_entry)
		return;
	if (reader->depth > 0)
	{
		reader->depth--;
		if (is(name, "title") || is(name, "description") || is(name, "summary"))
			check(EVP_DigestUpdate(reader->sha, reader->text + reader->child,
								   reader->length - reader->child) == 1,
				  "EVP_DigestUpdate");
		return;
	}
	check(EVP_DigestFinal_ex(reader->sha, hash, NULL) == 1, "EVP_DigestFinal_ex");
	reader->in_entry = false;
	reader->entries++;
	reader->total += reader->length;
}

static void
characters(void *context, const xmlChar *text, int length)
{
	Reader *reader = context;

	if (!reader->in_entry)
		return;
	check(reader->length + length <= MAX_ENTRY, "entry");
	memcpy(reader->text + reader->length, text, length);
	reader->length += length;
}

static File
read_file(const char *path)
{
	File  file = {0};
	FILE *stream = fopen(path, "rb");

	check(stream != NULL && fseek(stream, 0, SEEK_END) == 0, path);
	file.length = (size_t) ftell(stream);
	file.data = malloc(file.length);
	rewind(stream);
	check(file.data != NULL && fread(file.data, 1, file.length, stream) == file.length, path);
	fclose(stream);
	return file;
}

static void
parse(xmlSAXHandler *handler, Reader *reader, const File *file)
{
	xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(handler, reader, NULL, 0, NULL);
	size_t			 done = 0;

	check(parser != NULL, "xmlCreatePushParserCtxt");
	xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_COMPACT);
	while (done < file->length)
	{
		size_t piece = file->length - done < PIECE ? file->length - done : PIECE;

		xmlParseChunk(parser, file->data + done, (int) piece, 0);
		done += piece;
	}
	check(xmlParseChunk(parser, NULL, 0, 1) == 0, "xmlParseChunk");
	xmlFreeParserCtxt(parser);
}

int
main(int argc, char **argv)
{
	xmlSAXHandler	handler = {.initialized = XML_SAX2_MAGIC,
							   .startElementNs = start_element,
							   .endElementNs = end_element,
							   .characters = characters,
							   .cdataBlock = characters};
	Reader			reader = {.text = malloc(MAX_ENTRY), .sha = EVP_MD_CTX_new()};
	File		   *files = calloc((size_t) argc, sizeof(File));
	struct timespec start;
	struct timespec end;

	check(argc > 1 && files != NULL && reader.text != NULL && reader.sha != NULL, "start");
	for (int i = 1; i < argc; i++)
		files[i] = read_file(argv[i]);
	xmlInitParser();
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 1; i < argc; i++)
		parse(&handler, &reader, &files[i]);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (int i = 1; i < argc; i++)
		free(files[i].data);
	free(files);
	free(reader.text);
	EVP_MD_CTX_free(reader.sha);
	xmlCleanupParser();
	printf("{\"first\": %.4f, \"entries\": %ld, \"bytes\": %zu}\n",
		   (double) (end.tv_sec - start.tv_sec) + (double) (end.tv_nsec - start.tv_nsec) / 1e9,
		   reader.entries, reader.total);
	return 0;
}
