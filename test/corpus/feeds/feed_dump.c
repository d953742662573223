/*
 * feed_dump.c
 *	  What the feed parser reads in files, as JSON lines; and how fast.
 *
 * usage: feed_dump FILE CONTENT-TYPE URL [FILE CONTENT-TYPE URL]...
 *		  feed_dump --time N FILE...
 *
 * An empty CONTENT-TYPE or URL is an absent one.  A line has the file, what the
 * feed was, or the failure, and the entries in the form of the reference files.
 */
#include "parse/feed.h"

#include "../dump.h"

#define ARENA_LIMIT ((size_t) 256 << 20)

static json_t *
json_item(const FeedItem *item)
{
	json_t *object = json_object();

	json_object_set_new(object, "titre", json_text(item->titre));
	json_object_set_new(object, "texte", json_text(item->texte));
	json_object_set_new(object, "resume", json_text(item->resume));
	json_object_set_new(object, "url", json_text(item->url));
	json_object_set_new(object, "guid", json_text(item->guid));
	json_object_set_new(object, "auteur", json_text(item->auteur));
	json_object_set_new(object, "langue", json_text(item->langue));
	json_object_set_new(object, "date_publication", json_date(item->has_date, item->date));
	set_meta(object, item->meta);
	return object;
}

static void
dump(const char *path, Text content_type, Text url)
{
	Text	bytes = read_file(path);
	Arena  *arena = arena_create(ARENA_LIMIT);
	Failure failure = FAILURE_INIT;
	Feed   *feed = feed_parse(arena, bytes, content_type, url, &failure);
	json_t *line = json_object();
	json_t *items = json_array();

	json_object_set_new(line, "fichier", json_string(path));
	if (feed == NULL)
		json_object_set_new(line, "erreur", json_string(failure.detail));
	else
	{
		json_object_set_new(line, "format", json_string(feed->format));
		json_object_set_new(line, "encodage", json_string(feed->encoding));
		json_object_set_new(line, "repare", json_boolean(feed->recovered));
		json_object_set_new(line, "coupees", json_integer((json_int_t) feed->n_incomplete));
		json_object_set_new(line, "titre", json_text(feed->titre));
		json_object_set_new(line, "url", json_text(feed->url));
		json_object_set_new(line, "langue", json_text(feed->langue));
		for (size_t i = 0; i < feed->n_items; i++)
			json_array_append_new(items, json_item(&feed->items[i]));
	}
	json_object_set_new(line, "entrees", items);
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
	arena_free(arena);
	free((char *) bytes.data);
}

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* Parses each of the files, rounds times over, with one arena as a collector does. */
static void
measure(int rounds, char **paths, int n)
{
	Text   *files = calloc((size_t) n, sizeof(Text));
	Arena  *arena = arena_create(ARENA_LIMIT);
	size_t	bytes = 0;
	size_t	items;
	Failure failure = FAILURE_INIT;

	for (int i = 0; i < n; i++)
	{
		files[i] = read_file(paths[i]);
		bytes += files[i].len;
	}
	for (int round = 0; round < rounds; round++)
	{
		double start = seconds_now();
		double seconds;

		items = 0;
		for (int i = 0; i < n; i++)
		{
			Feed *feed = feed_parse(arena, files[i], TEXT_NULL,
									TEXT_LITERAL("http://example.com/feed"), &failure);

			items += feed == NULL ? 0 : feed->n_items;
			arena_reset(arena);
		}
		seconds = seconds_now() - start;
		printf("%d files, %zu entries, %.1f ms, %.0f MB/s\n", n, items, seconds * 1e3,
			   (double) bytes / 1e6 / seconds);
	}
	arena_free(arena);
	for (int i = 0; i < n; i++)
		free((char *) files[i].data);
	free(files);
}

int
main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "--time") == 0)
		measure(atoi(argv[2]), argv + 3, argc - 3);
	else if (argc > 1 && (argc - 1) % 3 == 0)
	{
		for (int i = 1; i < argc; i += 3)
			dump(argv[i], argument(argv[i + 1]), argument(argv[i + 2]));
	}
	else
	{
		fprintf(stderr, "usage: feed_dump FILE CONTENT-TYPE URL ... | --time N FILE...\n");
		return 1;
	}
	return 0;
}
