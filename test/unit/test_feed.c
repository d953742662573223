/*
 * test_feed.c
 *	  feed.h: each format's fields, what is read of broken documents, attacks.
 *	  (The published feeds are in test/corpus/feeds.)
 */
#include "parse/feed.h"

#include "unit.h"

#include <stdlib.h>

static Arena  *arena;
static Failure failure;

static Feed *
parse_bytes(Text bytes, const char *content_type)
{
	failure = (Failure) FAILURE_INIT;
	return feed_parse(arena, bytes, unit_string(content_type), TEXT_LITERAL("http://h/dir/feed"),
					  &failure);
}

/* The feed, or the end of the test: what follows would have nothing to look at. */
static Feed *
parse(const char *document)
{
	Feed *feed = parse_bytes(unit_string(document), NULL);

	if (feed == NULL)
	{
		diag("no feed in %.300s: %s", document, failure.detail);
		exit(1);
	}
	return feed;
}

/* The one item of an RSS 2.0 feed. */
static FeedItem
item(const char *inside)
{
	char  document[4000];
	Feed *feed;

	snprintf(document, sizeof(document),
			 "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'"
			 " xmlns:dc='http://purl.org/dc/elements/1.1/'"
			 " xmlns:media='http://search.yahoo.com/mrss/'"
			 " xmlns:atom='http://www.w3.org/2005/Atom'><channel><item>%s</item></channel></rss>",
			 inside);
	feed = parse(document);
	if (!is_int(feed->n_items, 1, "one item of %.60s", inside))
		exit(1);
	return feed->items[0];
}

/* The one entry of an Atom feed. */
static FeedItem
entry(const char *inside)
{
	char  document[4000];
	Feed *feed;

	snprintf(document, sizeof(document),
			 "<feed xmlns='http://www.w3.org/2005/Atom'><entry>%s</entry></feed>", inside);
	feed = parse(document);
	if (!is_int(feed->n_items, 1, "one entry of %.60s", inside))
		exit(1);
	return feed->items[0];
}

static void
test_rss(void)
{
	Feed	*feed = parse("<?xml version='1.0'?>\n<!-- c --><rss version='2.0'><channel>"
							 "<title>The &lt;b&gt;title&lt;/b&gt;</title><link>/site</link>"
							 "<language>fr_FR</language>"
							 "<image><title>no</title><link>http://no/</link></image>"
							 "<item><title>One &amp;amp; &lt;i&gt;two&lt;/i&gt;</title>"
							 "<link> http://h/1?a=1&amp;b=2 </link><guid isPermaLink='false'>g 1</guid>"
							 "<description>&lt;p&gt;A&lt;/p&gt;&lt;p&gt;B&lt;/p&gt;</description>"
							 "<pubDate>Sat, 01 Jan 2000 00:00:00 GMT</pubDate>"
							 "<author>a@b.c (A)</author><category>x</category><category>y</category>"
							 "<comments>http://h/c</comments>"
							 "<enclosure url='e.mp3' type='audio/mpeg' length='12'/>"
							 "<source url='http://no/'>no</source></item>"
							 "<item/></channel></rss>");
	FeedItem one = feed->items[0];

	is_str(feed->format, "rss20", "RSS: format");
	ok(!feed->recovered, "RSS: well-formed");
	is_text(feed->titre, "The title", "RSS: the feed's title");
	is_text(feed->url, "http://h/site", "RSS: the feed's link");
	is_text(feed->langue, "fr-FR", "RSS: the feed's language");
	is_int(feed->n_items, 2, "RSS: items");
	is_text(one.titre, "One & two", "RSS: title");
	is_text(one.url, "http://h/1?a=1&b=2", "RSS: link");
	is_text(one.guid, "g 1", "RSS: guid");
	is_text(one.texte, "A\nB", "RSS: description");
	is_text(one.resume, NULL, "RSS: no summary beside it");
	is_text(one.auteur, "a@b.c (A)", "RSS: author");
	is_text(one.langue, "fr-FR", "RSS: language");
	ok(one.has_date && one.date == INT64_C(946684800000000), "RSS: date");
	is_text(one.meta,
			"{\"guid\": \"g 1\", \"categories\": [\"x\", \"y\"], \"medias\": "
			"[{\"url\": \"http://h/dir/e.mp3\", \"type\": \"audio/mpeg\", \"octets\": 12}], "
			"\"commentaires\": \"http://h/c\"}",
			"RSS: meta");
	is_text(feed->items[1].titre, NULL, "RSS: an empty item has no title");
	is_text(feed->items[1].meta, NULL, "RSS: and no meta");
	ok(!feed->items[1].has_date, "RSS: and no date");
}

static void
test_rss_rules(void)
{
	FeedItem i = item("<description>d</description><content:encoded><![CDATA[<p>c &amp; c</p>]]>"
					  "</content:encoded>");

	is_text(i.texte, "c & c", "the content is the text");
	is_text(i.resume, "d", "the description then is the summary");
	i = item("<summary>s</summary><description>d</description>");
	is_text(i.texte, "d", "the second of two summaries is the text");
	is_text(i.resume, "s", "the first the summary");
	i = item("<description>d</description><media:description>m</media:description>");
	is_text(i.texte, "d", "what describes a picture is not the text");
	i = item("<media:group><media:title>t</media:title><media:description>m</media:description>"
			 "<media:content url='http://v/' fileSize='7'/></media:group>");
	is_text(i.titre, "t", "unless there is no other: title");
	is_text(i.texte, "m", "unless there is no other: text");
	is_text(i.meta, "{\"medias\": [{\"url\": \"http://v/\", \"octets\": 7}]}", "a media:content");
	is_text(item("<guid>http://h/g</guid>").url, "http://h/g", "a guid that is a link");
	is_text(item("<guid isPermaLink='false'>http://h/g</guid>").url, NULL, "a guid that is none");
	is_text(item("<guid>../g</guid>").guid, "http://h/g", "a relative guid");
	is_text(item("<guid>urn:x:y</guid>").url, NULL, "a guid that cannot be asked");
	is_text(item("<atom:link rel='self' href='http://no/'/><link>http://h/</link>").url,
			"http://h/", "not the link to itself");
	is_text(item("<title>List&lt;int&gt;</title>").titre, "List<int>", "a title that is no HTML");
	is_text(item("<title> </title>").titre, NULL, "an empty title");
	is_text(item("<title>&lt;img src='x'&gt;</title>").titre, "", "a title without words");
	i = item("<content:encoded>&lt;hr&gt;</content:encoded><description>d</description>");
	is_text(i.texte, "d", "a content without words");
	is_text(i.resume, NULL, "beside which there is no summary");
	is_text(item("<dc:creator>A</dc:creator><dc:creator>B</dc:creator><author>c@d</author>").auteur,
			"A, B", "two creators");
	is_text(item("<dc:language>de</dc:language>").langue, "de", "dc:language");
	ok(item("<dc:date>2000-01-01T00:00:00Z</dc:date><pubDate>none</pubDate>").has_date,
	   "a date beside one that cannot be read");
	is_int(item("<pubDate>1 Jan 2000 00:00 GMT</pubDate><dc:date>2001-01-01</dc:date>").date,
		   INT64_C(946684800000000), "published before updated");
	is_text(item("<description>a <b>b</b> &lt;c&gt;</description>").texte, "a b <c>",
			"markup that is not coded: its text is literal");
	is_text(item("<description>caf&eacute; &amp;eacute;</description>").texte,
			"caf\xC3\xA9 \xC3\xA9", "an entity of HTML's that nobody declares");
	is_text(item("<description><![CDATA[a]]>b<![CDATA[]]><![CDATA[c]]></description>").texte, "abc",
			"sections beside each other");
	is_text(item("<description>a<!-- <![CDATA[b]]> -->c<![CDATA[d]]></description>").texte, "acd",
			"a section in a comment");
}

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* Long texts go past libxml2 (feed_lift.c): what becomes of them must not differ. */
static void
test_long_texts(void)
{
	Feed *feed;

	is_text(item("<title>a &amp;amp; &lt;b&gt;&quot;&#233;&eacute;&#xE9;&apos; &nosuch; & " HUNDRED
				 "</title>")
				.titre,
			"a & \"\xC3\xA9\xC3\xA9\xC3\xA9' &nosuch; & " HUNDRED, "long: references");
	is_text(
		item("<description>" HUNDRED " &amp;lt; <b>" HUNDRED " &amp;lt;</b></description>").texte,
		HUNDRED " < " HUNDRED " &lt;", "long: before and within markup");
	is_text(item("<!-- <b> " HUNDRED " </b> <![CDATA[x]]> --><title>" HUNDRED "</title>").titre,
			HUNDRED, "long: behind one in a comment");
	is_text(item("<x y='>" HUNDRED "'/><title>" HUNDRED "</title>").titre, HUNDRED,
			"long: behind one in an attribute");
	is_text(item("<x>" HUNDRED "</x><title>t</title>").titre, "t", "long: in what nobody reads");
	is_text(item("<title>&_0;</title><description>" HUNDRED "</description>").texte, HUNDRED,
			"long: a reference that looks like ours");
	feed = parse("<!DOCTYPE rss [<!ENTITY e 'x'>]><rss><channel><item><title>&e; " HUNDRED
				 "</title></item></channel></rss>\n" HUNDRED);
	is_text(feed->items[0].titre, "x " HUNDRED, "long: a declared entity");
	ok(feed->recovered, "long: junk behind the root");
}

static void
test_other_rss(void)
{
	Feed *feed =
		parse("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
			  " xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'"
			  ">"
			  "<channel rdf:about='http://h/'><title>T</title><dc:language>de</dc:language>"
			  "</channel>"
			  "<item rdf:about='http://h/1'><title>t</title></item></rdf:RDF>");

	is_str(feed->format, "rss10", "RSS 1.0: format");
	is_text(feed->items[0].guid, "http://h/1", "RSS 1.0: rdf:about");
	is_text(feed->items[0].langue, "de", "RSS 1.0: the channel's language");
	feed =
		parse("<?xml version=\"1.0\"?><!DOCTYPE rss PUBLIC \"-//Netscape//DTD RSS 0.91//EN\" "
			  "\"http://h/rss-0.91.dtd\"><rss version='0.91'><channel><item><title>&Uuml;</title>"
			  "</item></channel></rss>");
	is_str(feed->format, "rss091", "RSS 0.91: format");
	is_text(feed->items[0].titre, "\xC3\x9C", "RSS 0.91: its entities");
	feed = parse("<CHANNEL><TITLE>C</TITLE><ITEM HREF='x' LASTMOD='2000-01-01'/></CHANNEL>");
	is_str(feed->format, "cdf", "CDF: format");
	is_text(feed->items[0].url, "http://h/dir/x", "CDF: link");
	ok(feed->items[0].has_date, "CDF: date");
}

static void
test_atom(void)
{
	FeedItem e =
		entry("<title type='html'>a &amp;lt; &lt;b&gt;b&lt;/b&gt;</title>"
			  "<link rel='enclosure' href='http://m/' type='a/b' length='3'/>"
			  "<link rel='alternate' type='text/html' href='p?a=1&amp;b=2'/>"
			  "<link rel='replies' href='r'/><id>tag:h,2000:1</id>"
			  "<author><name>N</name><email>n@h</email></author>"
			  "<author><name>M</name><uri>http://m/</uri></author>"
			  "<contributor><name>no</name></contributor>"
			  "<category term='x' label='y'/><updated>2001-01-01T00:00:00Z</updated>"
			  "<published>2000-01-01T00:00:00Z</published><summary>s</summary>"
			  "<content type='xhtml' xml:lang='fr'><div xmlns='http://www.w3.org/1999/xhtml'>"
			  "<p>one</p><p>t&lt;wo&gt;</p></div></content>"
			  "<source><title>no</title><id>no</id><updated>1999-01-01</updated></source>");

	is_text(e.titre, "a < b", "Atom: title");
	is_text(e.url, "http://h/dir/p?a=1&b=2", "Atom: link");
	is_text(e.guid, "tag:h,2000:1", "Atom: id");
	is_text(e.auteur, "N (n@h), M", "Atom: authors");
	is_text(e.texte, "one\nt<wo>", "Atom: content");
	is_text(e.resume, "s", "Atom: summary");
	is_text(e.langue, "fr", "Atom: language");
	is_int(e.date, INT64_C(946684800000000), "Atom: published");
	is_text(e.meta,
			"{\"guid\": \"tag:h,2000:1\", \"resume\": \"s\", \"categories\": [\"x\"], \"medias\": "
			"[{\"url\": \"http://m/\", \"type\": \"a/b\", \"octets\": 3}], "
			"\"commentaires\": \"http://h/dir/r\"}",
			"Atom: meta");
	is_text(entry("<title>a &lt;b> &amp;amp;</title>").titre, "a <b> &amp;",
			"Atom: text is literal");
	is_text(entry("<content type='html'><div>&lt;b>x&lt;/b></div></content>").texte, "x",
			"Atom: HTML in a div");
	is_text(entry("<content type='text/html'>a<p>b</p></content>").texte, "a\nb",
			"Atom: HTML that is not coded");
	is_text(entry("<title><b>b</b></title>").titre, "b", "Atom: nothing before the markup");
	is_text(entry("<title>a &amp;lt; <b>b</b></title>").titre, "a &lt; b",
			"Atom: plain text before the markup");
	is_text(entry("<content type='application/octet-stream'>RXhhbXBsZSA8Yj5BdG9tPC9iPg==</content>")
				.texte,
			"Example Atom", "Atom: base64");
	is_text(entry("<content type='image/png'>/9j/</content>").texte, NULL, "Atom: a picture");
	is_text(entry("<content type='image/png' src='x'/><summary>s</summary>").texte, "s",
			"Atom: a content elsewhere");
	is_text(entry("<link href='a' xml:base='http://b/c/'/>").url, "http://b/c/a", "Atom: xml:base");
	is_text(entry("<link href='a' xml:base='javascript:x'/>").url, "http://h/dir/a",
			"Atom: an xml:base that is none");
	is_str(parse("<feed version='0.3' xmlns='http://purl.org/atom/ns#'/>")->format, "atom03",
		   "Atom 0.3");
}

static void
test_json(void)
{
	Feed *feed =
		parse("\xEF\xBB\xBF{\"version\": \"https://jsonfeed.org/version/1.1\", "
			  "\"title\": \"T\", \"home_page_url\": \"/\", \"language\": \"fr\", \"items\": "
			  "[{\"id\": 7, \"url\": \"/a\", \"title\": \"a <b> &amp;\", \"content_html\": "
			  "\"<p>x</p><p>y\\u0000</p>\", \"summary\": \"s\", \"date_published\": "
			  "\"2000-01-01T00:00:00Z\", \"authors\": [{\"name\": \"N\"}, {\"name\": \"M\"}], "
			  "\"tags\": [\"t\\\"\"], \"attachments\": [{\"url\": \"e\", \"mime_type\": \"a/b\","
			  "\"size_in_bytes\": 5}]}, 3, {\"id\": \"http://h/i\", \"content_text\": \"a\\nb\","
			  "\"author\": {\"name\": \"O\"}}]}");
	FeedItem one = feed->items[0];

	is_str(feed->format, "json11", "JSON: format");
	is_text(feed->url, "http://h/", "JSON: the feed's page");
	is_int(feed->n_items, 2, "JSON: items");
	is_text(one.guid, "7", "JSON: an id that is a number");
	is_text(one.titre, "a <b> &amp;", "JSON: a title is plain");
	is_text(one.texte, "x\ny", "JSON: content_html");
	is_text(one.resume, "s", "JSON: summary");
	is_text(one.auteur, "N, M", "JSON: authors");
	is_text(one.langue, "fr", "JSON: language");
	ok(one.has_date, "JSON: date");
	is_text(one.meta,
			"{\"guid\": \"7\", \"resume\": \"s\", \"categories\": [\"t\\\"\"], \"medias\": "
			"[{\"url\": \"http://h/dir/e\", \"type\": \"a/b\", \"octets\": 5}]}",
			"JSON: meta");
	is_text(feed->items[1].url, "http://h/i", "JSON: an id that is a URL");
	is_text(feed->items[1].texte, "a\nb", "JSON: content_text");
	is_text(feed->items[1].auteur, "O", "JSON: the author of 1.0");
}

static void
test_repair(void)
{
	Feed *feed = parse("Warning: <b>x</b>\n<?xml version='1.0'?><rss version=2.0><channel><item>"
					   "<title>R&D & caf&eacute; &#8217;&#0; a<b</title>"
					   "<link>http://h/?a=1&b=2&copy=3</link>"
					   "<description><![CDATA[<p>one]]><br>two<p>three</description>"
					   "<guid isPermaLink=false isPermaLink=true>g\x01</guid>"
					   "<item><title>second</title></i></item></channel></rss> <junk/>");

	ok(feed->recovered, "repaired");
	is_str(feed->format, "rss20", "repaired: an attribute without quotes");
	is_int(feed->n_items, 2, "repaired: an item whose end was forgotten");
	is_int(feed->n_incomplete, 0, "repaired: nothing was cut");
	is_text(feed->items[0].titre, "R&D & caf\xC3\xA9 \xE2\x80\x99 a", "repaired: ampersands");
	is_text(feed->items[0].url, "http://h/?a=1&b=2&copy=3", "repaired: a link");
	is_text(feed->items[0].guid, "g", "repaired: the first of two attributes, a control");
	is_text(feed->items[1].titre, "second", "repaired: the next item");
	feed = parse("<rss><channel><item><title>a &nosuch; b</title>"
				 "<enclosure url='http://h/?a=&eacute;&b'/></item></channel></rss>");
	is_text(feed->items[0].titre, "a &nosuch; b", "repaired: a name of nothing");
	is_text(feed->items[0].meta, "{\"medias\": [{\"url\": \"http://h/?a=\xC3\xA9&b\"}]}",
			"repaired: references in an attribute");
	feed = parse("<rss><channel><item><dc:creator>A</dc:creator><x:title>no</x:title></item>"
				 "</channel></rss>");
	is_text(feed->items[0].auteur, "A", "a prefix that nobody declares");
	is_text(feed->items[0].titre, NULL, "an unknown one");
	feed = parse("<rss><channel><item><description>a &lt;b&gt; <b>c & d</b></description></item>"
				 "</channel></rss>");
	ok(feed->recovered && feed->n_items == 1, "repaired: within markup");
}

/* Cuts a document everywhere: an item is whole or not there. */
static void
test_truncated(void)
{
	static const char document[] =
		"<rss><channel><title>T</title><item><title>one</title><link>http://h/1</link>"
		"<description><![CDATA[<b>first</b>]]></description></item><item><title>two</title>"
		"<link>http://h/2</link><description>second &amp; last</description></item></channel></rss>";
	bool whole = true;
	bool counted = true;

	for (size_t len = 5; len < sizeof(document); len++)
	{
		Feed  *feed;
		size_t items;
		size_t open;

		arena_reset(arena);
		feed = parse_bytes((Text){document, len}, NULL);
		if (feed == NULL)
			continue;
		items = (len >= (size_t) (strstr(document, "<item><title>two") - document)) +
				(len >= (size_t) (strstr(document, "</channel>") - document));
		open = len >= (size_t) (strstr(document, "<title>one") - document) &&
			   !(len >= (size_t) (strstr(document, "<item><title>two") - document) &&
				 len < (size_t) (strstr(document, "<title>two") - document)) &&
			   len < (size_t) (strstr(document, "</channel>") - document);
		counted = counted && feed->n_incomplete == open;
		whole = whole && feed->n_items == items;
		for (size_t i = 0; i < feed->n_items; i++)
			whole = whole && text_is(feed->items[i].texte, i == 0 ? "first" : "second & last") &&
					text_is(feed->items[i].url, i == 0 ? "http://h/1" : "http://h/2");
		if (feed->n_items != items || feed->n_incomplete != open)
			diag("cut at %zu: %zu items, %zu incomplete", len, feed->n_items, feed->n_incomplete);
	}
	ok(whole, "truncated: no half item, none lost");
	ok(counted, "truncated: the cut one is counted");
}

static void
test_encodings(void)
{
	Feed *feed =
		parse_bytes(TEXT_LITERAL("<rss><channel><title>caf\xE9</title></channel></rss>"), NULL);

	is_text(feed->titre, "caf\xC3\xA9", "Latin-1 that declares nothing");
	is_str(feed->encoding, "windows-1252", "its encoding");
	feed = parse_bytes(TEXT_LITERAL("<?xml version='1.0' encoding='iso-8859-2'?><rss><channel>"
									"<title>\xB1</title></channel></rss>"),
					   "application/xml; charset=koi8-r");
	is_text(feed->titre, "\xE2\x95\xA0", "HTTP decides");
}

static void
refused(Text document, const char *detail)
{
	ok(parse_bytes(document, NULL) == NULL && failure.class == FAILURE_PARSE, "refused: %s",
	   detail);
	is_str(failure.detail, detail, "refused: why");
}

static void
test_refused(void)
{
	Arena *small = arena_create(2000);

	refused(TEXT_LITERAL(""), "the document is empty");
	refused(TEXT_LITERAL(" \n"), "the document is empty");
	refused(TEXT_LITERAL("<!DOCTYPE html><html><body><p>x</body></html>"),
			"the document is an HTML page, not a feed: look there for the address of one,"
			" or collect pages by the type scraping");
	refused(TEXT_LITERAL("<opml/>"), "the document is XML, but not an RSS or Atom feed");
	refused(TEXT_LITERAL("<!-- x -->"), "the document is XML, but not an RSS or Atom feed");
	refused(TEXT_LITERAL("{\"a\": []}"),
			"the document is JSON, but not a JSON Feed: the type json reads any");
	refused(TEXT_LITERAL("{"),
			"the document is JSON, but not a JSON Feed: the type json reads any");
	refused(TEXT_LITERAL("hello"), "the document is neither XML nor JSON");
	ok(feed_parse(small, TEXT_LITERAL("<rss><channel/></rss>"), TEXT_NULL, TEXT_NULL, &failure) !=
		   NULL,
	   "a small feed in a small arena");
	arena_reset(small);
	ok(feed_parse(
		   small,
		   TEXT_LITERAL("<rss><channel><item><title>a</title></item><item/></channel></rss>"),
		   TEXT_NULL, TEXT_NULL, &failure) == NULL &&
		   failure.class == FAILURE_TOO_LARGE,
	   "refused: more than the arena holds");
	arena_free(small);
}

static void
test_entities(void)
{
	Feed *feed = parse("<!DOCTYPE rss [<!ENTITY a 'plain'><!ENTITY b '&a;&a;'><!ENTITY % p 'x'>"
					   "<!-- ' --><!ENTITY f SYSTEM 'file:///etc/passwd'><!ENTITY lt2 '&#60;'>]>"
					   "<rss><channel><item><title>&a; &b; &f;</title></item></channel></rss>");

	is_text(feed->items[0].titre, "plain &b; &f;", "entities: plain ones only");
	feed = parse("<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>"
				 "<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
				 "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>"
				 "<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>]>"
				 "<rss><channel><title>&d;&d;</title></channel></rss>");
	is_text(feed->titre, "&d;&d;", "entities: a billion laughs is none");
	feed = parse("<rss><channel><item><title>&_0;&_0;&_1;</title><description><![CDATA[x]]>"
				 "</description></item></channel></rss>");
	ok(feed->n_items == 1 && feed->items[0].titre.len <= 20,
	   "entities: no name of ours works twice");
}

/* A document of a head, a megabyte of one thing, and a tail. */
static void
hostile(const char *head, const char *unit, const char *tail, const char *name)
{
	TextBuilder builder;

	arena_reset(arena);
	builder_start(&builder, arena);
	builder_append(&builder, head, strlen(head));
	while (builder.len < 1 << 20)
		builder_append(&builder, unit, strlen(unit));
	builder_append(&builder, tail, strlen(tail));
	parse_bytes(builder_text(&builder), NULL);
	ok(failure.class == FAILURE_NONE || failure.class == FAILURE_PARSE, "a megabyte of %s", name);
}

/* libxml2 compares each attribute of an element with each: more than a few are left out. */
static void
test_attributes(void)
{
	TextBuilder builder;
	char		attribute[32];
	Feed	   *feed;

	arena_reset(arena);
	builder_start(&builder, arena);
	builder_append(&builder, "<rss><channel><item><title ", 27);
	for (int i = 0; i < 100000; i++)
		builder_append(&builder, attribute,
					   (size_t) snprintf(attribute, sizeof(attribute), "a%d='>' ", i));
	builder_append(&builder, ">t</title></item></channel></rss>", 33);
	feed = parse_bytes(builder_text(&builder), NULL);
	ok(feed != NULL && feed->recovered && feed->n_items == 1 && text_is(feed->items[0].titre, "t"),
	   "a hundred thousand attributes");
}

static void
test_hostile(void)
{
	static const char rss[] = "<rss><channel><item>";

	hostile("<rss>", "<a>", "", "elements within each other");
	hostile(rss, "<title>", "", "titles within each other");
	hostile(rss, "<description><b>", "", "texts within each other");
	hostile(rss, "<item>", "", "items within each other");
	hostile(rss, "<title>a</title>", "</item></channel></rss>", "titles");
	hostile(rss, "<category>a</category>", "</item></channel></rss>", "categories");
	hostile(rss, "<author>a</author>", "</item></channel></rss>", "authors");
	hostile(rss, "<a ", "", "tags without an end");
	hostile(rss, "<a b='", "", "values without an end");
	hostile(rss, "</x>", "", "end tags");
	hostile(rss, "<![CDATA[", "", "sections without an end");
	hostile(rss, "<![CDATA[]]>", "", "empty sections");
	hostile(rss, "<!--", "", "comments without an end");
	hostile(rss, "&", "", "ampersands");
	hostile("<rss><channel><item x='1'", " a='b'", "/></channel></rss>", "attributes");
	hostile("<!DOCTYPE rss [", "<!ENTITY a 'b'>", "]><rss/>", "declarations");
	hostile("<!DOCTYPE rss [", "<!ENTITY a '", "", "declarations without an end");
	hostile("", "<", "", "angle brackets");
	hostile("", "<rss>", "", "roots");
	hostile("{\"items\":", "[", "", "JSON within JSON");
	hostile("{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{}", ",{}", "]}",
			"JSON items");
}

/* A key in the feed's own address is in no link that is kept, wherever the feed has it. */
static void
test_secrets(void)
{
	const Text own = TEXT_LITERAL("https://h/feed?id=3&key=abc");
	Feed	  *feed = feed_parse(
			 arena,
			 TEXT_LITERAL(
				 "<rss><channel><item><title>a</title><link>#a</link><guid>"
					  "https://h/feed?id=3&amp;key=abc#a</guid><enclosure url='?key=abc&amp;b=1'/></item>"
					  "<item><title>b</title><guid>https://h/feed?id=3&amp;key=abc#b</guid></item>"
					  "<item><title>c</title><link>https://h/c?key=other</link><guid>a b</guid></item>"
					  "</channel></rss>"),
			 TEXT_NULL, own, &failure);

	is_int(feed->n_items, 3, "three entries of a feed whose address has a key");
	is_text(feed->items[0].url, "https://h/feed?id=3#a", "a link within the feed");
	is_text(
		feed->items[0].meta,
		"{\"guid\": \"https://h/feed?id=3#a\", \"medias\": [{\"url\": \"https://h/feed?b=1\"}]}",
		"nor is it in the guid or an enclosure");
	is_text(feed->items[1].url, "https://h/feed?id=3#b", "a guid in the place of a link");
	is_text(feed->items[2].url, "https://h/c?key=other", "another key is the publisher's");
}

int
main(void)
{
	arena = arena_create(64 << 20);
	test_rss();
	test_rss_rules();
	test_long_texts();
	test_other_rss();
	test_atom();
	test_json();
	test_repair();
	test_truncated();
	test_encodings();
	test_refused();
	test_entities();
	test_attributes();
	test_hostile();
	test_secrets();
	arena_free(arena);
	return done_testing();
}
