/*
 * crawl_rest.c
 *	  What is left of a crawl as a cursor, and a crawl that goes on from there.
 *
 *		{"reste": [["p", "http://...", depth, is a start, was asked], ...],
 *		 "plus_tard": the same, of pages that failed, or whose host did,
 *		 "vus": "hashes of all known addresses, 16 hexadecimal digits each",
 *		 "textes": the same, of what was to be read on pages,
 *		 "sites": ["..."], "demandees": pages asked for, "connues": pages known}
 *
 * A cursor that somebody has written by hand is read as far as it makes sense.
 */
#include "postgres.h"

#include "source/crawl_parts.h"
#include "source/options.h"

#include <jansson.h>

#define HASH_DIGITS 16

static void
add(json_t *array, json_t *value)
{
	if (value == NULL || json_array_append_new(array, value) != 0)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

static void
add_page(json_t *array, const Page *page)
{
	char what[] = {(char) page->what, '\0'};

	add(array, json_pack("[s, s, i, b, b]", what, page->url, page->depth, page->is_start,
						 page->tries > 0));
}

/* Pages that wait at hosts that are closed, or at those that are not. */
static json_t *
waiting_pages(const Crawl *crawl, bool closed)
{
	json_t	  *pages = json_array();
	dlist_iter iter;

	for (int i = 0; i < crawl->n_hosts; i++)
	{
		CrawlHost *host = crawl->by_number[i];

		if (host->closed != closed)
			continue;
		dlist_foreach(iter, &host->waiting)
		{
			add_page(pages, dlist_container(Page, node, iter.cur));
		}
	}
	return pages;
}

static json_t *
pages_for_later(const Crawl *crawl)
{
	json_t	 *pages = waiting_pages(crawl, true);
	ListCell *cell;

	foreach (cell, crawl->left)
		add_page(pages, lfirst(cell));
	foreach (cell, crawl->later)
		add_page(pages, lfirst(cell));
	return pages;
}

static json_t *
hashes_of(HTAB *table)
{
	StringInfoData	hashes;
	HASH_SEQ_STATUS status;
	const uint64   *hash;

	initStringInfo(&hashes);
	hash_seq_init(&status, table);
	while ((hash = hash_seq_search(&status)) != NULL)
		appendStringInfo(&hashes, "%016llx", (unsigned long long) *hash);
	return json_string(hashes.data);
}

static json_t *
sites_of(const Crawl *crawl)
{
	json_t	 *sites = json_array();
	ListCell *cell;

	foreach (cell, crawl->sites)
		add(sites, json_string(lfirst(cell)));
	return sites;
}

char *
crawl_write_rest(const Crawl *crawl)
{
	json_t *rest =
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I}", "reste", waiting_pages(crawl, false),
				  "plus_tard", pages_for_later(crawl), "vus", hashes_of(crawl->seen), "textes",
				  hashes_of(crawl->copies), "sites", sites_of(crawl), "demandees",
				  (json_int_t) crawl->n_asked, "connues", (json_int_t) crawl->n_known);
	char *json = rest ? json_dumps(rest, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	char *copy;

	json_decref(rest);
	if (json == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	copy = pstrdup(json);
	free(json);
	return copy;
}

/* ---- and back ---- */

/* Pages go to where they wait: at their hosts, or for the end. */
static void
resume_page(Crawl *crawl, const json_t *entry, bool later)
{
	const char *what = json_string_value(json_array_get(entry, 0));
	const char *url = json_string_value(json_array_get(entry, 1));
	Page	   *page;

	if (what == NULL || url == NULL || strstr(url, "://") == NULL || strchr("psf", *what) == NULL)
		return;
	page = crawl_new_page(crawl, (PageWhat) *what, url,
						  (int) json_integer_value(json_array_get(entry, 2)));
	if (page == NULL)
		return;
	page->is_start = json_is_true(json_array_get(entry, 3));
	page->tries = json_is_true(json_array_get(entry, 4)) ? 1 : 0;
	if (later)
		crawl->later = lappend(crawl->later, page);
	else
		crawl_queue(crawl, page, false);
}

static void
resume_hashes(HTAB *table, const char *hashes)
{
	char digits[HASH_DIGITS + 1] = {0};

	for (size_t left = hashes ? strlen(hashes) : 0; left >= HASH_DIGITS; left -= HASH_DIGITS)
	{
		uint64 hash;
		bool   found;

		memcpy(digits, hashes, HASH_DIGITS);
		hash = strtoull(digits, NULL, 16);
		(void) hash_search(table, &hash, HASH_ENTER, &found);
		hashes += HASH_DIGITS;
	}
}

/* Where only what failed is left, this is its retry: nothing comes before it. */
void
crawl_resume(Crawl *crawl, const char *cursor)
{
	json_t *rest = options_read(cursor);
	json_t *waiting = json_object_get(rest, "reste");
	bool	retry = json_array_size(waiting) == 0;
	json_t *entry;
	size_t	i;

	resume_hashes(crawl->seen, json_string_value(json_object_get(rest, "vus")));
	resume_hashes(crawl->copies, json_string_value(json_object_get(rest, "textes")));
	json_array_foreach(json_object_get(rest, "sites"), i, entry)
	{
		if (json_is_string(entry))
			crawl_add_site(crawl, json_string_value(entry));
	}
	json_array_foreach(waiting, i, entry)
	{
		resume_page(crawl, entry, false);
	}
	json_array_foreach(json_object_get(rest, "plus_tard"), i, entry)
	{
		resume_page(crawl, entry, !retry);
	}
	crawl->n_asked = json_integer_value(json_object_get(rest, "demandees"));
	crawl->n_answered = crawl->n_asked;
	crawl->n_known = json_integer_value(json_object_get(rest, "connues"));
}
