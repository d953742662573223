/*
 * test_article.c
 *	  article.h, html_tree.h, links.h: what a page says, whatever its markup.
 */
#include "parse/article.h"
#include "parse/article_parts.h"
#include "parse/links.h"

#include "unit.h"

#include <stdlib.h>
#include <time.h>

#define LONG_TEXT                                                                                  \
	"Il fait chaud \xC3\xA0 N\xC3\xAEmes, tr\xC3\xA8s chaud m\xC3\xAAme, et personne ne sort "     \
	"avant le soir, quand les terrasses se remplissent enfin."

static Arena *arena;

static Article *
read_page(const char *html, const char *url)
{
	Failure failure = FAILURE_INIT;

	return article_parse(arena, unit_string(html), TEXT_LITERAL("text/html"), unit_string(url),
						 &failure);
}

static void
test_text(void)
{
	Article *article = read_page(
		"<html lang=fr_FR><head><title>Canicule - Le Midi</title></head><body>"
		"<nav><a href=/>Accueil</a></nav><div class=sidebar><p>" LONG_TEXT "</p></div>"
		"<div class='entry-content'><p>Un. " LONG_TEXT "<p>Deux. " LONG_TEXT "<div class=share>"
		"Partagez cet article, partagez-le donc</div><ul><li>premier point<li>second point</ul>"
		"<blockquote>Une citation, courte.</blockquote><p>Trois. " LONG_TEXT "</div>"
		"<div id=comments><p>Commentaire. " LONG_TEXT "</p></div><footer>Mentions</footer>",
		NULL);

	is_text(article->texte,
			"Un. " LONG_TEXT "\nDeux. " LONG_TEXT "\npremier point\nsecond point\n"
			"Une citation, courte.\nTrois. " LONG_TEXT,
			"the body: paragraphs, list and quote, and nothing else");
	is_text(article->langue, "fr-FR", "language");
	ok(!article->has_date && article->auteur.data == NULL, "no date, no author");
	article = read_page("<div><p>" LONG_TEXT "<br>encore<br><br>" LONG_TEXT "</div>", NULL);
	is_text(article->texte, LONG_TEXT "\nencore\n" LONG_TEXT, "line breaks");
	article =
		read_page("<div><p>" LONG_TEXT "<pre>  a &lt; b\n\n  c</pre><p>" LONG_TEXT "</div>", NULL);
	is_text(article->texte, LONG_TEXT "\na < b\nc\n" LONG_TEXT, "preformatted lines");
	ok(read_page("<p>", NULL)->texte.data == NULL, "a page without text");
	ok(read_page("<h1>Titre</h1><div>un</div><div>deux</div>", NULL)->texte.data == NULL,
	   "a page without paragraphs");
}

/* What the parts of a page around its body are taken for. */
static void
test_choice(void)
{
	is_text(read_page("<h1>Canicule</h1><div><p>Chapeau. " LONG_TEXT "</div><ul><li><a href=x>Lien"
					  "</a></ul><div class=article-text><p>Un. " LONG_TEXT "<p>Deux. " LONG_TEXT
					  "<p>R\xC3\xA9"
					  "daction</div>",
					  NULL)
				->texte,
			"Chapeau. " LONG_TEXT "\nUn. " LONG_TEXT "\nDeux. " LONG_TEXT,
			"the lead is taken in, a last line that is no sentence is not");
	is_text(read_page("<article><h1>Dix lieux</h1><p>" LONG_TEXT
					  "<article><h2>Un</h2><p>Un. " LONG_TEXT
					  "</article><article><h2>Deux</h2><p>Deux. " LONG_TEXT "</article></article>",
					  NULL)
				->texte,
			LONG_TEXT "\nUn\nUn. " LONG_TEXT "\nDeux\nDeux. " LONG_TEXT,
			"articles that are most of an article are its parts");
	is_text(read_page("<article><h1>Un lieu</h1><p>Un. " LONG_TEXT "<article><h2><a href=b>Autre"
					  "</a></h2><p>Autre. " LONG_TEXT "</article><article><h2><a href=c>Encore</a>"
					  "</h2><p>Encore. " LONG_TEXT "</article></article>",
					  NULL)
				->texte,
			"Un. " LONG_TEXT, "articles whose headings are links are others");
	is_text(read_page("<h1>Sujet</h1><div class=comment><p>Un. " LONG_TEXT "</div>"
					  "<div class=comment><p>Deux. " LONG_TEXT "</div>",
					  NULL)
				->texte,
			"Un. " LONG_TEXT "\nDeux. " LONG_TEXT, "a discussion is its posts");
	is_text(
		read_page("<h1>Sujet</h1><div><p>" LONG_TEXT " Puis tout ferme.</div><div class=comment>"
				  "<p>Deux. " LONG_TEXT "</div><div class=comment><p>Trois. " LONG_TEXT "</div>",
				  NULL)
			->texte,
		LONG_TEXT " Puis tout ferme.",
		"but an article's comments are none of it, however short it is");
	is_text(read_page("<h1>Titre</h1><div><p>Un. " LONG_TEXT "<p>Lire aussi : un autre article<p>"
					  "Deux. " LONG_TEXT "<div class=social-media-embed><blockquote>Un mot."
					  "</blockquote></div><p>Trois. " LONG_TEXT "<p>Reporting by Zo\xC3\xA9 and "
					  "Max, who were in N\xC3\xAEmes all summer; editing by Luc.</div>",
					  NULL)
				->texte,
			"Un. " LONG_TEXT "\nDeux. " LONG_TEXT "\nUn mot.\nTrois. " LONG_TEXT,
			"pointers elsewhere and closing lines are left behind, quoted posts are not");
	is_text(read_page("<h1>Titre</h1><div><p>" LONG_TEXT "</div><footer></footer><div><p>" LONG_TEXT
					  "<p>Livraison : " LONG_TEXT "<p>" LONG_TEXT "</div>",
					  NULL)
				->texte,
			LONG_TEXT "\n" LONG_TEXT "\nLivraison : " LONG_TEXT "\n" LONG_TEXT,
			"where nothing parts them, all is text");
	is_text(read_page("<div id=page><h1>Titre</h1><div><p>" LONG_TEXT "</div><p>Panier<p>Compte"
					  "<p>Aide</div><div><p>Livraison : " LONG_TEXT "</div>",
					  NULL)
				->texte,
			LONG_TEXT, "what stands with the title is worth more");
}

/* Names and attributes that say less than they seem to. */
static void
test_misnomers(void)
{
	is_text(read_page("<h1>Titre</h1><div class=elementor-widget-text-editor><p>Un. " LONG_TEXT
					  "</div><div class=elementor-widget-text-editor><p>Deux. " LONG_TEXT "</div>"
					  "<div class=story-widget-text><p>Trois. " LONG_TEXT "</div>"
					  "<div class='widget widget-text'><p>Quatre. " LONG_TEXT "</div>",
					  NULL)
				->texte,
			"Un. " LONG_TEXT "\nDeux. " LONG_TEXT "\nTrois. " LONG_TEXT,
			"an article made of widgets, and a widget beside it");
	is_text(read_page("<h1>Titre</h1><div class=sidebar-grid><p>Un. " LONG_TEXT "</div><div "
					  "class=sidebar-grid><p>Deux. " LONG_TEXT "</div><div class=sidebar-grid><p>"
					  "Trois. " LONG_TEXT "</div><footer><p>" LONG_TEXT "</footer>",
					  NULL)
				->texte,
			"Un. " LONG_TEXT "\nDeux. " LONG_TEXT "\nTrois. " LONG_TEXT,
			"a layout that is called after what stands beside the article");
	is_text(read_page("<h1>Titre</h1><div><p>Un. " LONG_TEXT "<p aria-hidden=true>Deux. " LONG_TEXT
					  "<p>Trois. " LONG_TEXT "<span aria-hidden=true>icone</span></div>",
					  NULL)
				->texte,
			"Un. " LONG_TEXT "\nDeux. " LONG_TEXT "\nTrois. " LONG_TEXT,
			"a paragraph that a script uncovers");
	is_text(read_page("<h1>Titre</h1><div><p>" LONG_TEXT "<h3>1. On y voit le plus vieux pont de la"
					  " ville</h3><img><h3>2. On y mange mieux que partout ailleurs</h3><img>"
					  "<h3>Aussi</h3><h3>Photos</h3><h3>Fin</h3><p>" LONG_TEXT "</div>",
					  NULL)
				->texte,
			LONG_TEXT "\n1. On y voit le plus vieux pont de la ville\n"
					  "2. On y mange mieux que partout ailleurs\nFin\n" LONG_TEXT,
			"headings that say something, with pictures under them");
}

/* Articles of many parts, of which one may seem to be all. */
static void
test_parts(void)
{
#define ITEM(n) "<div><h2><a href=" n ">" n "</a></h2><p>" n ". " LONG_TEXT "<p>" LONG_TEXT "</div>"
#define LINKS "<ul><li><a href=a>un lien</a><li><a href=b>un autre lien</a></ul>"
#define SECTION(n)                                                                                 \
	"<section><h2>" n "</h2><p>" n ". " LONG_TEXT LINKS LINKS LINKS LINKS LINKS "</section>"

	is_text(
		read_page("<h1>Titre</h1><div><p>" LONG_TEXT "</div>" ITEM("Un") ITEM("Deux"), NULL)->texte,
		LONG_TEXT, "short texts under headings that are links are teasers");
	is_text(read_page("<h1>Titre</h1><div><p>" LONG_TEXT ITEM("Un" LONG_TEXT)
						  ITEM("Deux" LONG_TEXT) "</div>",
					  NULL)
				->texte,
			LONG_TEXT "\nUn" LONG_TEXT ". " LONG_TEXT "\n" LONG_TEXT "\nDeux" LONG_TEXT
					  ". " LONG_TEXT "\n" LONG_TEXT,
			"long ones are the article");
	ok(strstr(read_page("<div><h1>Titre</h1>" SECTION("Un") SECTION("Deux") SECTION("Trois")
							SECTION("Quatre") "<section><p>Cinq. " LONG_TEXT "</section></div>",
						NULL)
				  ->texte.data,
			  "Un. ") != NULL,
	   "a section without links is not all of the article");
	is_text(read_page("<h1>Titre</h1><article><p>Un. " LONG_TEXT
					  "<div class=widget><p>Deux. " LONG_TEXT
					  "</div></article><div class=widget><p>Trois. " LONG_TEXT "</div>",
					  NULL)
				->texte,
			"Un. " LONG_TEXT "\nDeux. " LONG_TEXT, "widgets in the article, and beside it");
	is_text(
		read_page("<h1>Titre</h1><div><p>Un. " LONG_TEXT "<pre>a();\n<span class=comment>// un mot"
				  "</span></pre><p>Deux. " LONG_TEXT "</div>",
				  NULL)
			->texte,
		"Un. " LONG_TEXT "\na();\n// un mot\nDeux. " LONG_TEXT, "comments of a program are none");
	is_text(read_page("<h1>Titre</h1><div class=page1-footer><p>Un. " LONG_TEXT
					  "<p>Deux. " LONG_TEXT "</div>",
					  NULL)
				->texte,
			"Un. " LONG_TEXT "\nDeux. " LONG_TEXT, "what holds the whole page is no footer");
}

/* Sentences of scripts that end them otherwise, and write no spaces. */
static void
test_scripts(void)
{
#define CHINESE                                                                                        \
	"\xE4\xBB\x8A\xE5\xA4\xA9\xE5\xA4\xA9\xE6\xB0\x94\xE5\xBE\x88\xE7\x83\xAD\xEF\xBC\x8C\xE6\xB2"     \
	"\xA1\xE6\x9C\x89\xE4\xBA\xBA\xE5\x87\xBA\xE9\x97\xA8\xEF\xBC\x8C\xE5\xA4\xA7\xE5\xAE\xB6\xE9\x83" \
	"\xBD\xE5\x9C\xA8\xE5\xAE\xB6\xE9\x87\x8C\xE4\xBC\x91\xE6\x81\xAF\xE3\x80\x82"
	is_text(read_page("<div><a href=a>x</a></div><div><div>" CHINESE "</div><div>" CHINESE
					  "</div></div>",
					  NULL)
				->texte,
			CHINESE "\n" CHINESE, "Chinese paragraphs");
}

/* JSON-LD has the text, and the page only its beginning. */
static void
test_declared(void)
{
	Article *article = read_page(
		"<script type='application/ld+json'>{\"@type\": \"NewsArticle\", \"articleBody\": \"" LONG_TEXT
		" " LONG_TEXT "\\n" LONG_TEXT " " LONG_TEXT " " LONG_TEXT "\"}</script><p>" LONG_TEXT,
		NULL);

	is_text(article->texte, LONG_TEXT " " LONG_TEXT "\n" LONG_TEXT " " LONG_TEXT " " LONG_TEXT,
			"the text that is declared");
}

static void
test_words(void)
{
	static const struct
	{
		const char *name;
		bool		is_id;
		unsigned	bits;
	} cases[] = {
		{"article-body", false, WORD_ARTICLE | WORD_BODY | WORD_MAIN},
		{"articleBody", false, WORD_ARTICLE | WORD_BODY | WORD_MAIN},
		{"article body", false, WORD_ARTICLE | WORD_BODY},
		{"post-body-bio", false, WORD_ARTICLE | WORD_BODY | WORD_BYLINE},
		{"no-sidebar", false, WORD_NOT},
		{"comments", false, WORD_COMMENT},
		{"commentary", false, 0},
		{"subscribers", false, 0},
		{"social-embed", false, WORD_ASIDE | WORD_EMBED},
		{"share-it-with-your-friends", true, 0},
		{"zzz aaa", false, 0},
		{"wrapper", false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(article_words(unit_string(cases[i].name), cases[i].is_id), cases[i].bits, "%s",
			   cases[i].name);
}

#define SITE "<meta property=og:site_name content='Le Midi'><meta name=author content='le midi'>"

static void
test_authors(void)
{
	static const struct
	{
		const char *markup;
		const char *name;
	} cases[] = {
		{"<p class=byline>By <b>Ana Sandoiu</b> March 25, 2015 <a href=x>Follow</a>",
		 "Ana Sandoiu"},
		{"<p class=byline>Par <a>Zo\xC3\xA9</a> et <a>Max</a> | <a>Suivre</a>", "Zo\xC3\xA9, Max"},
		{"<span class=author><b>Author</b><i>Andreas Kalt</i></span>", "Andreas Kalt"},
		{"<meta name=author content='B. Kuhn (http://ebb.org/)'>", "B. Kuhn"},
		{"<meta name=author content='https://exemple.fr/zoe'>", NULL},
		{"<p class=byline>Von: Eva Muster - 3. Mai", "Eva Muster"},
		{"<div class=comment><span class=author>Lecteur</span></div>", NULL},
		{"<meta name=author content=z.martin@exemple.fr>", NULL},
		{"<p class=byline><i>5.8.2024, 14:30</i> <b>Zo\xC3\xA9</b>", "Zo\xC3\xA9"},
		{"<a href=/auteurs/>Auteurs</a> Par <a href=/auteur/zoe>Zo\xC3\xA9</a>", "Zo\xC3\xA9"},
		{SITE "<i class=author>Zo\xC3\xA9 van Damme</i>", "Zo\xC3\xA9 van Damme"},
		{SITE "<i class=author>Toute l'information</i>", "le midi"},
		{"<script type='application/ld+json'>{\"@graph\": [{\"@type\": [\"WebPage\", \"Article\"], "
		 "\"author\": {\"@id\": \"#z\"}}, {\"@type\": \"Person\", \"@id\": \"#z\", \"name\": "
		 "\"Zo\xC3\xA9\"}]}</script>",
		 "Zo\xC3\xA9"},
		{"<script type='application/ld+json'>{\"@type\": \"Article\", \"author\": {\"@type\": "
		 "\"Organization\", \"name\": \"AFP\"}}</script><meta name=author content='Zo\xC3\xA9 Martin'>",
		 "Zo\xC3\xA9 Martin"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_text(read_page(cases[i].markup, NULL)->auteur, cases[i].name, "%s", cases[i].markup);
}

static void
test_meta(void)
{
	Article *article = read_page(
		"<head><script type='application/ld+json'>{\"@graph\": [{\"@type\": \"WebSite\", \"name\": "
		"\"Le Midi\"}, {\"@type\": [\"NewsArticle\"], \"headline\": \"L&#39;\xC3\xA9t\xC3\xA9\","
		"\"author\": [{\"name\": \"Zo\xC3\xA9\"}, {\"name\": \"Max\"}],"
		"\"datePublished\": \"2024-08-05T14:30:00+02:00\"}]}</script>"
		"<meta property=og:title content=Autre><meta name=robots content='NoIndex, nofollow'>"
		"<link rel=canonical href=/ete?a=1&copy=2></head><p>x",
		"https://exemple.fr/a/b?utm=1");

	is_text(article->titre, "L'\xC3\xA9t\xC3\xA9", "headline of a graph");
	is_text(article->auteur, "Zo\xC3\xA9, Max", "authors");
	is_text(article->site, "Le Midi", "site");
	is_text(article->url, "https://exemple.fr/ete?a=1&copy=2", "canonical address");
	is_int(article->date, INT64_C(1722861000) * 1000000, "date");
	ok(article->noindex && article->nofollow, "robots");
	article = read_page("<meta property='og:title' content='A &amp; B'><meta name=author "
						"content='Par Zo\xC3\xA9'><time datetime=2024-08-05>hier</time>",
						"https://exemple.fr/");
	is_text(article->titre, "A & B", "OpenGraph");
	is_text(read_page("<meta property=og:title content='Un bien long titre | Le Site'><h1>"
					  "Un bien long titre</h1>",
					  NULL)
				->titre,
			"Un bien long titre", "the heading that is most of the title");
	is_text(read_page("<meta property=og:title content='Un bien long titre'><h1>Le Site</h1>", NULL)
				->titre,
			"Un bien long titre", "a heading that is none of it");
	is_text(article->auteur, "Zo\xC3\xA9", "meta author");
	is_int(article->date, INT64_C(1722816000) * 1000000, "time element");
	is_text(article->url, "https://exemple.fr/", "the given address");
	ok(!article->noindex && !article->nofollow, "no robots");
	article = read_page("<title>Un bien long titre | Le Site</title><a rel=author>Zo\xC3\xA9</a>",
						"https://exemple.fr/2024/08/05/x");
	is_text(article->titre, "Un bien long titre", "the title without the site");
	is_int(read_page("<h1>Titre</h1><p>Par Zo\xC3\xA9, le 5 ao\xC3\xBBt 2024 \xC3\xA0 midi", NULL)
			   ->date,
		   INT64_C(1722816000) * 1000000, "a date that is shown with the title");
	is_text(article->auteur, "Zo\xC3\xA9", "rel=author");
	is_int(article->date, INT64_C(1722816000) * 1000000, "a date in the address");
}

/* Where a page shows its date, and where it shows others'. */
static void
test_dates(void)
{
#define DAY INT64_C(1722816000) /* 2024-08-05 */
#define REST "<p>" LONG_TEXT "<p>" LONG_TEXT
#define OTHER "<div class=related><time datetime=2020-01-01>2020</time><p>" LONG_TEXT "</div>"
	static const struct
	{
		const char *html;
		const char *url;
		int64_t		seconds;
	} cases[] = {
		{"<meta name=date content='05.08.2024'><p>x", NULL, DAY},
		{"<html lang=de><meta name=date content='05/08/2024'><p>x", NULL, 0},
		{"<html lang=fr><h1>T</h1><p>05/08/2024", NULL, DAY},
		{"<html lang=en-US><h1>T</h1><p>08/05/2024", NULL, DAY},
		{"<html lang=en><h1>T</h1><p>08/05/2024", NULL, 0},
		{"<html lang=en-GB><h1>T</h1><p>05/08/2024", NULL, DAY},
		{OTHER "<h1>T</h1><div class=date>5.8.24</div>" REST, NULL, DAY},
		{OTHER "<h1>T</h1><span class='post submitted'>von A am 5. August 2024</span>" REST, NULL,
		 DAY},
		{OTHER "<p>x", NULL, INT64_C(1577836800)},
		{"<time datetime=2020-01-01>2020</time>", "https://e.fr/2024/8/5/x", DAY},
		{"<time datetime=2024-08-05T08:00Z>jadis</time>", "https://e.fr/2024/8/5/x", DAY + 28800},
		{"<p>x", "https://e.fr/a-2024-08-05.html", DAY},
		{"<p>x", "https://e.fr/a/2024-8-5.html", 0},
		{"<p>x", "https://e.fr/v2024/08/05", 0},
		{"<p>x", "https://e.fr/2024/13/05", 0},
		{"<title>Un titre</title><h1>Le Midi</h1><p>1.1.2020<h2>Un titre</h2><p>5.8.2024", NULL,
		 DAY},
		{"<meta property=article:modified_time content=2024-08-09><h1>T</h1><p>5 ao\xC3\xBBt 2024",
		 NULL, DAY},
		{"<meta property=article:modified_time content=2024-08-05><p>" LONG_TEXT, NULL, DAY},
		{"<p>" LONG_TEXT "<p>Erstellt am 5.8.2024<p>5.8.2024, 9:00", NULL, DAY},
		{"<p>" LONG_TEXT "<p>Erstellt am 5.8.2024<p>6.8.2024, 9:00", NULL, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Article *article = read_page(cases[i].html, cases[i].url);

		is_int(article->date, cases[i].seconds * 1000000, "the date of %s, %s", cases[i].html,
			   cases[i].url == NULL ? "nowhere" : cases[i].url);
	}
}

static void
test_failure(void)
{
	Failure failure = FAILURE_INIT;

	ok(article_parse(arena, TEXT_LITERAL("%PDF-1.4 \x01"), TEXT_NULL, TEXT_NULL, &failure) == NULL,
	   "no page");
	is_int(failure.class, FAILURE_PARSE, "and why");
	ok(article_parse(arena, TEXT_LITERAL(""), TEXT_NULL, TEXT_NULL, &failure) == NULL, "nothing");
}

/* How a page's bytes are told to be characters, by header, mark, meta element or themselves. */
static void
test_charset(void)
{
#define PAGE_BYTES(s) ((Text){"" s, sizeof(s) - 1})
	static const struct
	{
		Text		bytes;
		const char *type;
		const char *titre;
		const char *encoding;
		const char *name;
	} cases[] = {
		{PAGE_BYTES("<!-- charset=utf-16 --><meta http-equiv=content-type "
					"content='text/html; charset=windows-1251'><title>\xC4\xE0</title>"),
		 NULL, "\xD0\x94\xD0\xB0", "windows-1251", "a meta element"},
		{PAGE_BYTES("<meta charset=iso-8859-1><title>\xC3\xA9</title>"),
		 "text/html; charset=iso-8859-1", "\xC3\xA9", "utf-8", "UTF-8 in spite of all"},
		{PAGE_BYTES("\xEF\xBB\xBF<meta charset=gbk><title>\xC3\xA9</title>"), NULL, "\xC3\xA9",
		 "utf-8", "a UTF-8 mark"},
		{PAGE_BYTES("\xFF\xFE<\0t\0i\0t\0l\0e\0>\0\x14\x04"), NULL, "\xD0\x94", "utf-16le",
		 "a UTF-16 mark"},
		{PAGE_BYTES("\xFE\xFF\0<\0t\0i\0t\0l\0e\0>\x04\x14"), NULL, "\xD0\x94", "utf-16be",
		 "the other one"},
		{PAGE_BYTES("<meta charset=utf-8><title>\xC4\xE3\xBA\xC3</title>"),
		 "text/html; charset=GB2312", "\xE4\xBD\xA0\xE5\xA5\xBD", NULL, "the header first"},
		{PAGE_BYTES("<meta charset=\"shift_jis\"/><title>\x93\xFA\x96\x7B</title>"), "text/html",
		 "\xE6\x97\xA5\xE6\x9C\xAC", NULL, "Japanese"},
		{PAGE_BYTES("<meta charset=x-none><title>L\x92\xE9t\xE9</title>"), "text/html; charset=",
		 "L\xE2\x80\x99\xC3\xA9t\xC3\xA9", "windows-1252", "a name of nothing"},
		{PAGE_BYTES("<title>d\xC3\xA9j\xC3\xA0 vu, l\x92\xC3\xA9t\xC3\xA9</title>"), NULL,
		 "d\xC3\xA9j\xC3\xA0 vu, l\xE2\x80\x99\xC3\xA9t\xC3\xA9", NULL, "damaged UTF-8"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Failure	 failure = FAILURE_INIT;
		Article *article =
			article_parse(arena, cases[i].bytes, unit_string(cases[i].type), TEXT_NULL, &failure);

		is_text(article->titre, cases[i].titre, "characters by %s", cases[i].name);
		if (cases[i].encoding != NULL)
			is_str(article->encoding, cases[i].encoding, "the name of it");
	}
}

static void
test_links(void)
{
	Failure		failure = FAILURE_INIT;
	const char *encoding;
	size_t		n;
	HtmlLink   *links;
	HtmlTree   *tree = article_read_page(
		  arena,
		  TEXT_LITERAL("<base href=/b/><a href='c?x=1&amp;y=2#z'>c</a><a href=#top>t</a><a href="
						 "'mailto:a@b'>m</a><a rel='x nofollow' href=//h/d>d</a><area href=e>"),
		  TEXT_NULL, &encoding, &failure);

	links = html_links(arena, tree, TEXT_LITERAL("https://exemple.fr/a"), &n);
	is_int(n, 3, "links");
	is_text(links[0].url, "https://exemple.fr/b/c?x=1&y=2", "relative to the base");
	is_text(links[1].url, "https://h/d", "another host");
	ok(!links[0].nofollow && links[1].nofollow, "nofollow");
	is_text(links[2].url, "https://exemple.fr/b/e", "an area");
}

/* A page of count times what is given, between a begin and an end. */
static Text
repeat(const char *begin, const char *what, size_t count, const char *end)
{
	size_t len = strlen(what);
	char  *page = malloc(strlen(begin) + len * count + strlen(end) + 1);
	char  *at = stpcpy(page, begin);

	for (size_t i = 0; i < count; i++, at += len)
		memcpy(at, what, len);
	strcpy(at, end);
	return unit_string(page);
}

/* Pages that are made to hurt: each is read, in time that is nothing beside a quadratic one. */
static void
test_hostile(void)
{
	static const struct
	{
		const char *begin;
		const char *what;
		size_t		count;
		const char *end;
	} pages[] = {
		{"", "<div>", 100000, "<p>" LONG_TEXT},
		{"", "<div><p>", 300000, "</div>"},
		{"<b><i><u><x>", "</y>", 500000, ""},
		{"<p ", "a=b ", 500000, ">x"},
		{"<p ", "a=\"", 500001, ">x"},
		{"", "<a href=\"", 200001, ""},
		{"", "<!-", 500000, ""},
		{"<script>", "</scrip", 300000, ""},
		{"<table>", "<tr><td><table>", 100000, ""},
		{"<ul>", "<li><a><p></a>", 100000, ""},
		{"<script type=application/ld+json>", "[", 1000000, "</script>"},
		{"<title>", "x - ", 500000, "</title>"},
		{"<h1>", "<span class=byline itemprop=author>", 100000, "</h1>"},
		{"<meta content='", " none,", 200000, "' name=robots>"},
		{"", "<i>", 3500000, ""},
		{"", "<p><b><div>", 1000000, ""},
		{"<table>", "<td colspan=999999999 rowspan=999999999>x", 100000, ""},
		{"", "<h1>x<div>", 100000, ""},
		{"<p class='", "a b-c ", 1000000, "'>x"},
		{"", "<article><p>x", 100000, ""},
		{"", "&nbsp;&#x1F600;&", 500000, ""},
		{"<time>", "x ", 2000000, "</time>"},
		{"<a rel=author>", "x ", 2000000, "</a>"},
		{"<script type=application/ld+json>", "{\"author\":", 100000, "</script>"},
	};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
	{
		Text	page = repeat(pages[i].begin, pages[i].what, pages[i].count, pages[i].end);
		Failure failure = FAILURE_INIT;
		clock_t start = clock();

		article_parse(arena, page, TEXT_NULL, TEXT_NULL, &failure);
		ok((clock() - start) / CLOCKS_PER_SEC < 10 && failure.class != FAILURE_TOO_LARGE,
		   "%zu times \"%.20s\"", pages[i].count, pages[i].what);
		free((char *) page.data);
		arena_reset(arena);
	}
}

/* What stands behind megabytes of a script, or before the cut of a page too large, is read. */
static void
test_large(void)
{
	Failure	 failure = FAILURE_INIT;
	Text	 scripts = repeat("<title>T</title><script>", "if (a<b) '<p>' + \"</div>\";", 300000,
							  "</script><p>" LONG_TEXT);
	Text	 tags = repeat("<title>T</title><p>" LONG_TEXT, "<br>", 2500000, "");
	Article *article = article_parse(arena, scripts, TEXT_NULL, TEXT_NULL, &failure);

	is_text(article->texte, LONG_TEXT, "a text behind a script of eight megabytes");
	article = article_parse(arena, tags, TEXT_NULL, TEXT_NULL, &failure);
	is_text(article->texte, LONG_TEXT, "a text before ten megabytes of tags");
	free((char *) scripts.data);
	free((char *) tags.data);
}

int
main(void)
{
	arena = arena_create((size_t) 256 << 20);
	test_text();
	test_choice();
	test_misnomers();
	test_parts();
	test_scripts();
	test_declared();
	test_words();
	test_authors();
	test_meta();
	test_dates();
	test_failure();
	test_charset();
	test_links();
	test_hostile();
	test_large();
	arena_free(arena);
	return done_testing();
}
