/*
 * fuzz_page_url.c
 *	  The one form of a page's address: it is its own form, and has a site.  The second
 *	  line is a pattern of sites.
 */
#include "parse/page_url.h"

#include "fuzz.h"

FUZZ_TARGET(page_url)
{
	Text url = fuzz_line(&input);
	Text page;

	if (!fuzz_storable(url) || !fuzz_storable(input))
		return;
	page = page_url_normalise(arena, url);
	if (!text_present(page))
		return;
	fuzz_expect(page.len <= PAGE_URL_MAX, "the address's length");
	for (size_t i = 0; i < page.len; i++)
		fuzz_expect(page.data[i] > ' ' && page.data[i] <= '~', "plain ASCII");
	fuzz_expect_unless_scarce(text_equal(page, page_url_normalise(arena, page)), "one form");
	(void) page_url_is_file(page);
	(void) page_url_trap(page, 2026);
	fuzz_expect(page_url_site(page).len > 0, "a page has a site");
	fuzz_expect(page_url_site_matches(page_url_site(page), page_url_site(page)), "its own");
	(void) page_url_site_matches(page_url_site(page), input);
}
