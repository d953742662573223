/*
 * json_api.h
 *	  Documents out of any service's answers in JSON, as options say where they are.
 *	  Plain C.
 *
 * Called by the kind json: json_api_options where a source is added, and both, on the
 * parser's thread, for each answer.
 */
#ifndef DATASENS_PARSE_JSON_API_H
#define DATASENS_PARSE_JSON_API_H

#include "base/arena.h"
#include "base/failure.h"
#include "parse/json_path.h"

#include <stdint.h>

typedef enum JsonField
{
	JSON_TITRE,
	JSON_TEXTE,
	JSON_URL,
	JSON_AUTEUR,
	JSON_LANGUE,
	JSON_DATE,
	JSON_N_FIELDS
} JsonField;

/* Paths that a field may be at: the first one where something is counts. */
#define JSON_MAX_CHOICES 8

typedef struct JsonChoices
{
	JsonPath paths[JSON_MAX_CHOICES];
	int		 n;
} JsonChoices;

/* How the next page is asked for. */
typedef enum JsonPaging
{
	JSON_PAGING_NONE,
	JSON_PAGING_LINK,	/* the answer has its address */
	JSON_PAGING_TOKEN,	/* the answer has a value for a parameter of the query */
	JSON_PAGING_COUNTER /* a parameter of the query counts pages or records */
} JsonPaging;

typedef enum JsonMarkup
{
	JSON_MARKUP_LOOK, /* as each text looks */
	JSON_MARKUP_HTML,
	JSON_MARKUP_NONE
} JsonMarkup;

/* What the options say. */
typedef struct JsonApi
{
	JsonPath	list; /* leads to the documents, or to an array of them */
	JsonChoices fields[JSON_N_FIELDS];
	JsonMarkup	markup;
	Text		langue; /* of documents that do not say; or absent */
	JsonPaging	paging;
	JsonPath	next;	   /* link or token */
	Text		parameter; /* token or counter */
	int64_t		counter_start;
	int64_t		counter_step;
	int			max_pages;
	Text		secret_parameter; /* is not to be in the address of a next page; or absent */
} JsonApi;

/* What is wrong with options: where, why, and what would be right.  UTF-8. */
typedef struct JsonApiError
{
	char message[200];
	char hint[200]; /* "": none */
} JsonApiError;

/*
 * Reads those of a source's options that concern its answers: liste, champs, html,
 * langue, pages, and the name of parametre_secret.  The texts are the arena's.  False with
 * *error set where they are wrong.
 */
extern bool json_api_options(Arena *arena, const json_t *options, JsonApi *api,
							 JsonApiError *error);

/* A document of an answer: clean texts; absent: not said. */
typedef struct JsonItem
{
	Text	titre;
	Text	texte;
	Text	url; /* absolute */
	Text	auteur;
	Text	langue;
	Text	meta; /* JSON: what is in no other field */
	bool	has_date;
	int64_t date; /* microseconds since 1970 UTC */
} JsonItem;

typedef struct JsonAnswer
{
	JsonItem *items;
	size_t	  n_items;
	Text	  next; /* address of the next page; absent: this was the last one */
} JsonAnswer;

/*
 * Reads an answer to the question at that address.  NULL with *failure set where it is no JSON
 * (as json_read tells apart), or the path to the list leads nowhere: the
 * members that are there are named then.
 */
extern JsonAnswer *json_api_read(Arena *arena, const JsonApi *api, Text body, Text url,
								 Failure *failure);

#endif
