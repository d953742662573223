/*
 * test_csv_columns.c
 *	  csv_columns.h: which column is what, by usual names and by the user's.
 */
#include "parse/charset.h"
#include "parse/csv_columns.h"

#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const Text nothing_wanted[CSV_N_ROLES];

/* The columns as "titre=0 texte=1", in the order of the roles; or the failure's detail. */
static const char *
map(const Text *names, size_t n, const Text wanted[CSV_N_ROLES])
{
	static char buffer[FAILURE_DETAIL_SIZE];
	CsvColumns	columns;
	Failure		failure = FAILURE_INIT;
	size_t		used = 0;

	buffer[0] = '\0';
	if (!csv_columns_map(names, n, wanted, &columns, &failure))
	{
		snprintf(buffer, sizeof(buffer), "%s", failure.detail);
		return buffer;
	}
	for (CsvRole role = 0; role < CSV_N_ROLES; role++)
	{
		if (columns.of[role] >= 0)
			used += (size_t) snprintf(buffer + used, sizeof(buffer) - used, "%s%s=%d",
									  used > 0 ? " " : "", csv_role_name(role), columns.of[role]);
	}
	return buffer;
}

#define MAP(...) map((Text[]){__VA_ARGS__}, COUNT(((Text[]){__VA_ARGS__})), nothing_wanted)
#define T(s) TEXT_LITERAL(s)

static void
test_usual(void)
{
	is_str(MAP(T("id"), T("titre"), T("texte")), "titre=1 texte=2", "French");
	is_str(MAP(T("Title"), T("Text"), T("URL"), T("Author"), T("Language"), T("Date")),
		   "titre=0 texte=1 url=2 auteur=3 langue=4 date=5", "English, in capitals");
	is_str(MAP(T("review_text"), T("stars")), "texte=0", "a name of two words");
	is_str(MAP(T("Review Text"), T("Title")), "titre=1 texte=0", "with a blank");
	is_str(MAP(T("contenu"), T("publié le"), T("text")), "texte=2 date=1",
		   "the most telling name first");
	is_str(MAP(T("text"), T("text")), "texte=0", "of two alike the first");
	ok(csv_columns_usual(T("Titre")), "a usual name");
	ok(!csv_columns_usual(T("xyz")), "another");
	ok(!csv_columns_usual(T("")), "none");
}

static void
test_wanted(void)
{
	Text names[] = {T("un"), T("Deux"), T("texte"), T("2")};
	Text wanted[CSV_N_ROLES] = {[CSV_TEXTE] = T("un")};

	is_str(map(names, 4, wanted), "texte=0", "the user's name wins");
	wanted[CSV_TITRE] = T("deux");
	is_str(map(names, 4, wanted), "titre=1 texte=0", "whatever its case");
	wanted[CSV_TITRE] = T("2");
	is_str(map(names, 4, wanted), "titre=3 texte=0", "a number that is a name is that name");
	wanted[CSV_TITRE] = T("3");
	is_str(map(names, 4, wanted), "titre=2 texte=0", "another counts from 1");
	wanted[CSV_TITRE] = T("5");
	ok(strstr(map(names, 4, wanted), "Deux") != NULL, "one that is not there: those that are");
}

static void
test_refused(void)
{
	const char *detail = MAP(T("alpha"), T("beta"));
	Text		many[3000];

	ok(strstr(detail, "alpha") != NULL && strstr(detail, "beta") != NULL,
	   "no text: the columns are listed");
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = T("une colonne sans nom connu");
	ok(strlen(map(many, COUNT(many), nothing_wanted)) < FAILURE_DETAIL_SIZE, "however many");
	ok(strlen(map(many, 0, nothing_wanted)) > 0, "or none");
}

/* What goes into a table has to be text: half a character would keep a dump from being restored. */
static void
test_long_names(void)
{
	Text		name = T("a" ACCENTS);
	Text		wanted[CSV_N_ROLES] = {[CSV_TITRE] = T("b" ACCENTS)};
	const char *detail = map(&name, 1, nothing_wanted);

	ok(utf8_valid((Text){detail, strlen(detail)}), "a long name is cut between characters");
	detail = map(&name, 1, wanted);
	ok(utf8_valid((Text){detail, strlen(detail)}), "a wanted one too");
}

int
main(void)
{
	test_usual();
	test_wanted();
	test_refused();
	test_long_names();
	return done_testing();
}
