/*
 * article_dump.c
 *	  What the article extraction reads in files, as JSON lines; and how fast.
 *
 * usage: article_dump FILE CONTENT-TYPE URL [FILE CONTENT-TYPE URL]...
 *		  article_dump --time N FILE...
 *
 * An empty CONTENT-TYPE or URL is an absent one.  The second form prints how many
 * seconds of the processor N rounds over the files took, and the bytes of text found.
 */
#include "parse/article.h"

#include "../dump.h"

#define ARENA_LIMIT ((size_t) 512 << 20)

static void
put_article(json_t *line, const Article *article)
{
	json_object_set_new(line, "encodage", json_string(article->encoding));
	json_object_set_new(line, "titre", json_text(article->titre));
	json_object_set_new(line, "articleBody", json_text(article->texte));
	json_object_set_new(line, "auteur", json_text(article->auteur));
	json_object_set_new(line, "langue", json_text(article->langue));
	json_object_set_new(line, "url", json_text(article->url));
	json_object_set_new(line, "site", json_text(article->site));
	json_object_set_new(line, "date_publication", json_date(article->has_date, article->date));
	json_object_set_new(line, "noindex", json_boolean(article->noindex));
	json_object_set_new(line, "nofollow", json_boolean(article->nofollow));
	set_meta(line, article->meta);
}

static void
dump(const char *path, Text content_type, Text url)
{
	Text	 bytes = read_file(path);
	Arena	*arena = arena_create(ARENA_LIMIT);
	Failure	 failure = FAILURE_INIT;
	Article *article = article_parse(arena, bytes, content_type, url, &failure);
	json_t	*line = json_object();
	char	*text;

	json_object_set_new(line, "fichier", json_string(path));
	if (article == NULL)
		json_object_set_new(line, "erreur", json_string(failure.detail));
	else
		put_article(line, article);
	text = json_dumps(line, JSON_COMPACT);
	puts(text);
	free(text);
	json_decref(line);
	arena_free(arena);
	free((char *) bytes.data);
}

static void
measure(int rounds, int n_files, char **paths)
{
	Text		   *files = calloc((size_t) n_files, sizeof(Text));
	Arena		   *arena = arena_create(ARENA_LIMIT);
	size_t			chars = 0;
	struct timespec start;
	struct timespec end;

	for (int i = 0; i < n_files; i++)
		files[i] = read_file(paths[i]);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	for (int i = 0; i < rounds * n_files; i++)
	{
		Failure	 failure = FAILURE_INIT;
		Article *article = article_parse(arena, files[i % n_files], TEXT_NULL, TEXT_NULL, &failure);

		chars += article == NULL ? 0 : article->texte.len;
		arena_reset(arena);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	printf("{\"seconds\": %.4f, \"pages\": %d, \"chars\": %zu}\n",
		   (double) (end.tv_sec - start.tv_sec) + (double) (end.tv_nsec - start.tv_nsec) / 1e9,
		   rounds * n_files, chars);
	for (int i = 0; i < n_files; i++)
		free((char *) files[i].data);
	free(files);
	arena_free(arena);
}

int
main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "--time") == 0)
		measure(atoi(argv[2]), argc - 3, argv + 3);
	else
	{
		for (int i = 1; i + 2 < argc; i += 3)
			dump(argv[i], argument(argv[i + 1]), argument(argv[i + 2]));
	}
	return 0;
}
