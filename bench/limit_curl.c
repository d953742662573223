/*
 * limit_curl.c
 *	  The limit of fetching: libcurl's multi interface and nothing else.
 *
 *	  limit_curl URLS CONNECTIONS
 *
 * gets every URL of the file URLS (one a line), CONNECTIONS at a time, and
 * throws the bodies away; then once more with each one's ETag, as a collector
 * asks for what may have changed.  The second pass has a handle of its own, so
 * that it pays for its connections, too.  Prints the seconds of both, and the
 * numbers of 200s, bytes and 304s, as JSON.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One URL and what became of it. */
typedef struct Page
{
	char			  *url;
	char			  *etag; /* from the first pass, or NULL */
	struct curl_slist *headers;
} Page;

typedef struct Pass
{
	Page  *pages;
	size_t n_pages;
	size_t next; /* the first page that was not asked for yet */
	long   in_flight;
	bool   fresh; /* handles were added that libcurl has not seen to */
	CURLM *multi;
	size_t bytes;
	long   n_new;		/* 200 */
	long   n_unchanged; /* 304 */
} Pass;

static void
check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "limit_curl: %s failed\n", what);
	exit(1);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static size_t
count_body(char *data, size_t size, size_t n, void *pass)
{
	(void) data;
	((Pass *) pass)->bytes += size * n;
	return size * n;
}

/* Points a handle to the next page and hands it to libcurl. */
static void
ask_next(Pass *pass, CURL *easy)
{
	Page *page = &pass->pages[pass->next++];

	if (page->etag != NULL && page->headers == NULL)
	{
		char header[512];

		snprintf(header, sizeof(header), "If-None-Match: %s", page->etag);
		page->headers = curl_slist_append(NULL, header);
	}
	curl_easy_setopt(easy, CURLOPT_URL, page->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, page);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, page->headers);
	check(curl_multi_add_handle(pass->multi, easy) == CURLM_OK, "curl_multi_add_handle");
	pass->in_flight++;
	pass->fresh = true;
}

/* Takes down what a finished handle brought, and gives it the next page if there is one. */
static void
take(Pass *pass, const CURLMsg *message)
{
	CURL			   *easy = message->easy_handle;
	CURLcode			result = message->data.result;
	Page			   *page;
	struct curl_header *etag;
	long				status;

	check(result == CURLE_OK, curl_easy_strerror(result));
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &page);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	pass->n_new += status == 200;
	pass->n_unchanged += status == 304;
	if (page->etag == NULL &&
		curl_easy_header(easy, "ETag", 0, CURLH_HEADER, -1, &etag) == CURLHE_OK)
		page->etag = strdup(etag->value);
	curl_multi_remove_handle(pass->multi, easy);
	pass->in_flight--;
	if (pass->next < pass->n_pages)
		ask_next(pass, easy);
	else
		curl_easy_cleanup(easy);
}

/* One pass over all pages; returns its seconds. */
static double
run(Pass *pass, size_t connections)
{
	double start = seconds();

	pass->multi = curl_multi_init();
	check(pass->multi != NULL, "curl_multi_init");
	curl_multi_setopt(pass->multi, CURLMOPT_MAXCONNECTS, (long) connections);
	for (size_t i = 0; i < connections && pass->next < pass->n_pages; i++)
	{
		CURL *easy = curl_easy_init();

		check(easy != NULL, "curl_easy_init");
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_body);
		curl_easy_setopt(easy, CURLOPT_WRITEDATA, pass);
		curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
		ask_next(pass, easy);
	}
	while (pass->in_flight > 0)
	{
		CURLMsg *message;
		int		 number;

		pass->fresh = false;
		check(curl_multi_perform(pass->multi, &number) == CURLM_OK, "curl_multi_perform");
		while ((message = curl_multi_info_read(pass->multi, &number)) != NULL)
			take(pass, message);
		if (pass->in_flight > 0 && !pass->fresh)
			check(curl_multi_poll(pass->multi, NULL, 0, 1000, NULL) == CURLM_OK, "curl_multi_poll");
	}
	curl_multi_cleanup(pass->multi);
	return seconds() - start;
}

static Page *
read_urls(const char *path, size_t *n)
{
	FILE  *file = fopen(path, "r");
	Page  *pages = NULL;
	char  *line = NULL;
	size_t size = 0;

	check(file != NULL, path);
	for (*n = 0; getline(&line, &size, file) > 0; ++*n)
	{
		line[strcspn(line, "\n")] = '\0';
		pages = realloc(pages, (*n + 1) * sizeof(Page));
		check(pages != NULL, "realloc");
		pages[*n] = (Page){.url = strdup(line)};
	}
	free(line);
	fclose(file);
	return pages;
}

static void
free_pages(Page *pages, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		free(pages[i].url);
		free(pages[i].etag);
		curl_slist_free_all(pages[i].headers);
	}
	free(pages);
}

int
main(int argc, char **argv)
{
	Pass   first = {0};
	Pass   second = {0};
	double first_seconds;
	double second_seconds;

	check(argc == 3, "usage: limit_curl URLS CONNECTIONS;");
	check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "curl_global_init");
	first.pages = second.pages = read_urls(argv[1], &first.n_pages);
	second.n_pages = first.n_pages;
	first_seconds = run(&first, strtoul(argv[2], NULL, 10));
	second_seconds = run(&second, strtoul(argv[2], NULL, 10));
	free_pages(first.pages, first.n_pages);
	curl_global_cleanup();
	printf(
		"{\"first\": %.4f, \"second\": %.4f, \"new\": %ld, \"bytes\": %zu, \"unchanged\": %ld}\n",
		first_seconds, second_seconds, first.n_new, first.bytes, second.n_unchanged);
	return first.n_new == (long) first.n_pages && second.n_unchanged == (long) first.n_pages ? 0
																							 : 1;
}
