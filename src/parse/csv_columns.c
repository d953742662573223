/*
 * csv_columns.c
 *	  The usual names of a document's columns, in French and English.
 *
 * Called once a file.  Never looks at the rows.
 */
#include "parse/csv_columns.h"

#include "parse/charset.h"

#include <stdio.h>
#include <string.h>

/* Letters of a name that are compared. */
#define KEY_SIZE 128

#define MAX_USUAL 64

static const char *const role_names[CSV_N_ROLES] = {"titre",  "texte",	"url",
													"auteur", "langue", "date"};

/* So many bytes of a column's name go into a message. */
#define SHOWN_NAME 100

/* As keys (see make_key), the most telling first. */
static const char *const usual[CSV_N_ROLES][MAX_USUAL] = {
	[CSV_TITRE] = {"titre", "title", "headline", "intitule", "sujet", "subject", "manchette", "nom",
				   "name", "objet", "heading", "libelle", "label", "caption", "legende"},
	[CSV_TEXTE] = {"texte",		 "text",		 "contenu",		  "content",	 "corps",
				   "body",		 "textecomplet", "fulltext",	  "articlebody", "articletext",
				   "article",	 "tweet",		 "message",		  "commentaire", "comment",
				   "avis",		 "review",		 "reviewtext",	  "reviewbody",	 "reviewcontent",
				   "critique",	 "tweettext",	 "post",		  "selftext",	 "commenttext",
				   "comments",	 "commentaires", "verbatim",	  "feedback",	 "opinion",
				   "sentence",	 "phrase",		 "texteoriginal", "transcript",	 "transcription",
				   "paroles",	 "lyrics",		 "description",	  "resume",		 "summary",
				   "abstract",	 "chapo",		 "extrait",		  "excerpt",	 "snippet",
				   "story",		 "histoire",	 "question",	  "citation",	 "quote",
				   "paragraphe", "paragraph",	 "document",	  "data"},
	[CSV_URL] = {"url", "lien", "link", "href", "permalink", "permalien", "uri", "adresseweb",
				 "articleurl", "urlarticle", "sourceurl", "siteweb", "website", "page"},
	[CSV_AUTEUR] = {"auteur",		"author", "auteurs",		"authors",	  "byline",
					"redacteur",	"writer", "journaliste",	"username",	  "utilisateur",
					"user",			"pseudo", "nomutilisateur", "screenname", "reviewer",
					"reviewername", "handle", "createur",		"creator",	  "speaker",
					"locuteur",		"sender", "expediteur"},
	[CSV_LANGUE] = {"langue", "language", "lang", "idiome", "locale", "langcode", "languagecode",
					"codelangue", "isolanguage"},
	[CSV_DATE] = {"date",
				  "datepublication",
				  "publishedat",
				  "publisheddate",
				  "publicationdate",
				  "datepublished",
				  "publishdate",
				  "published",
				  "pubdate",
				  "datedepublication",
				  "publiele",
				  "createdat",
				  "created",
				  "creationdate",
				  "datecreation",
				  "creele",
				  "dateheure",
				  "datetime",
				  "timestamp",
				  "horodatage",
				  "createdutc",
				  "reviewdate",
				  "reviewtime",
				  "dateavis",
				  "posted",
				  "postedat",
				  "time",
				  "heure",
				  "jour",
				  "day",
				  "updatedat",
				  "datemodification"},
};

/* Last words that make of "text" something else: text_length is no text. */
static const char *const other_things[] = {
	"id",	  "ids",	"key",		"hash",		 "length",	 "len",		  "longueur", "count",
	"nb",	  "nombre", "num",		"number",	 "numero",	 "size",	  "taille",	  "score",
	"note",	  "rating", "type",		"kind",		 "category", "categorie", "words",	  "mots",
	"tokens", "likes",	"verified", "sentiment", "label",	 "status",	  "format",	  "index"};

/* The letters of U+00C0 to U+00FF without their accents; '*' for none. */
static const char latin_letters[] =
	"aaaaaaaceeeeiiii*nooooo*ouuuuy*saaaaaaaceeeeiiii*nooooo*ouuuuy*y";

_Static_assert(sizeof(latin_letters) == 65, "a letter for each of U+00C0 to U+00FF");

/* A name as it is compared, and where its words end in it. */
typedef struct Key
{
	char   letters[KEY_SIZE];
	size_t len;
	size_t first_word; /* length of the first word */
	size_t last_word;  /* where the last word starts */
} Key;

const char *
csv_role_name(CsvRole role)
{
	return role_names[role];
}

static bool
key_put(Key *key, char c)
{
	if (key->len + 1 >= KEY_SIZE)
		return false;
	key->letters[key->len++] = c;
	return true;
}

/*
 * ASCII letters in lower case and digits; Latin letters without their accents,
 * ligatures as two; other characters above ASCII as they are.  What remains of
 * ASCII, and a capital after a small letter, begins a word.
 */
static Key
make_key(Text name)
{
	Key	 key = {.len = 0};
	bool word = true; /* the next letter begins one */
	bool small = false;

	for (size_t i = 0; i < name.len && key.len + 4 < KEY_SIZE; i++)
	{
		unsigned char c = (unsigned char) name.data[i];
		unsigned char next = i + 1 < name.len ? (unsigned char) name.data[i + 1] : 0;
		bool		  capital = c >= 'A' && c <= 'Z';
		bool letter = capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c > 0x7F;

		if (!letter)
		{
			word = true;
			continue;
		}
		if ((word || (capital && small)) && key.len > 0)
		{
			if (key.first_word == 0)
				key.first_word = key.len;
			key.last_word = key.len;
		}
		word = false;
		small = !capital;
		if (c == 0xC3 && (next & 0xC0) == 0x80 && latin_letters[next & 0x3F] != '*')
		{
			key_put(&key, latin_letters[next & 0x3F]);
			if ((next & 0x1F) == 6)
				key_put(&key, 'e');
			i++;
		}
		else if (c == 0xC5 && (next == 0x92 || next == 0x93))
		{
			key_put(&key, 'o');
			key_put(&key, 'e');
			i++;
		}
		else
			key_put(&key, capital ? (char) (c - 'A' + 'a') : (char) c);
	}
	return key;
}

static Text
whole_key(const Key *key)
{
	return (Text){key->letters, key->len};
}

/* The rank of a key among a role's usual names, from 0; MAX_USUAL where it is none. */
static int
rank_of(Text key, CsvRole role)
{
	for (int i = 0; i < MAX_USUAL && usual[role][i] != NULL; i++)
	{
		if (text_is(key, usual[role][i]))
			return i;
	}
	return MAX_USUAL;
}

/*
 * The rank of a name of several words without its last or its first one:
 * "title.dataset", "user_review".
 */
static int
rank_of_part(const Key *key, CsvRole role)
{
	Text last = {key->letters + key->last_word, key->len - key->last_word};
	int	 front = MAX_USUAL;
	int	 back;

	if (key->first_word == 0)
		return MAX_USUAL;
	for (size_t i = 0; i < lengthof(other_things); i++)
	{
		if (text_is(last, other_things[i]))
			return MAX_USUAL;
	}
	front = rank_of((Text){key->letters, key->last_word}, role);
	back = rank_of((Text){key->letters + key->first_word, key->len - key->first_word}, role);
	return front < back ? front : back;
}

bool
csv_columns_usual(Text name)
{
	Key key = make_key(name);

	for (int role = 0; role < CSV_N_ROLES; role++)
	{
		if (rank_of(whole_key(&key), (CsvRole) role) < MAX_USUAL)
			return true;
	}
	return false;
}

/* The column the user named, or -1. */
static int
find_wanted(const Text *names, size_t n, Text wanted)
{
	Key	   key = make_key(wanted);
	size_t number = 0;

	for (size_t i = 0; i < n; i++)
	{
		if (text_equal(names[i], wanted))
			return (int) i;
	}
	for (size_t i = 0; i < n && key.len > 0; i++)
	{
		Key other = make_key(names[i]);

		if (text_equal(whole_key(&other), whole_key(&key)))
			return (int) i;
	}
	for (size_t i = 0; i < wanted.len; i++)
	{
		if (wanted.data[i] < '0' || wanted.data[i] > '9' || number > n)
			return -1;
		number = number * 10 + (size_t) (wanted.data[i] - '0');
	}
	return number >= 1 && number <= n ? (int) number - 1 : -1;
}

static bool
is_taken(const CsvColumns *columns, int column)
{
	for (int role = 0; role < CSV_N_ROLES; role++)
	{
		if (columns->of[role] == column)
			return true;
	}
	return false;
}

/* Gives the role the column whose name, or part of it, is the most usual for it. */
static void
find_usual(const Text *names, size_t n, CsvRole role, bool whole, CsvColumns *columns)
{
	int best = MAX_USUAL;

	for (size_t i = 0; i < n && columns->of[role] < 0; i++)
	{
		Key key = make_key(names[i]);
		int rank = whole ? rank_of(whole_key(&key), role) : rank_of_part(&key, role);

		if (rank < best && !is_taken(columns, (int) i))
			best = rank;
	}
	for (size_t i = 0; i < n && best < MAX_USUAL && columns->of[role] < 0; i++)
	{
		Key key = make_key(names[i]);
		int rank = whole ? rank_of(whole_key(&key), role) : rank_of_part(&key, role);

		if (rank == best && !is_taken(columns, (int) i))
			columns->of[role] = (int) i;
	}
}

/* "titre, texte, 3": what fits. */
static void
list_columns(const Text *names, size_t n, char *buffer, size_t size)
{
	size_t len = 0;

	buffer[0] = '\0';
	for (size_t i = 0; i < n && len + 1 < size; i++)
	{
		Text name = text_clip(names[i], SHOWN_NAME);

		len += (size_t) snprintf(buffer + len, size - len, "%s%.*s", i > 0 ? ", " : "",
								 (int) name.len, name.data);
	}
}

bool
csv_columns_map(const Text *names, size_t n, const Text wanted[CSV_N_ROLES], CsvColumns *columns,
				Failure *failure)
{
	static const CsvRole order[CSV_N_ROLES] = {CSV_TEXTE,  CSV_TITRE,  CSV_URL,
											   CSV_AUTEUR, CSV_LANGUE, CSV_DATE};
	char				 list[FAILURE_DETAIL_SIZE];

	list_columns(names, n, list, sizeof(list));
	for (int role = 0; role < CSV_N_ROLES; role++)
	{
		Text shown = text_clip(wanted[role], SHOWN_NAME);

		columns->of[role] = -1;
		if (!text_present(wanted[role]))
			continue;
		columns->of[role] = find_wanted(names, n, wanted[role]);
		if (columns->of[role] < 0)
		{
			failure_set(failure, FAILURE_PARSE, "there is no column \"%.*s\" for %s; there are: %s",
						(int) shown.len, shown.data, role_names[role], list);
			return false;
		}
	}
	for (int whole = 1; whole >= 0; whole--)
	{
		for (int i = 0; i < CSV_N_ROLES; i++)
			find_usual(names, n, order[i], whole == 1, columns);
	}
	if (columns->of[CSV_TEXTE] >= 0)
		return true;
	failure_set(failure, FAILURE_PARSE,
				"no column is the text by its name: say which in \"colonnes\": {\"texte\": ...}; "
				"there are: %s",
				list);
	return false;
}
