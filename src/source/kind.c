/*
 * kind.c
 *	  The table of kinds: a new kind is one file and one line here.
 */
#include "postgres.h"

#include "source/kind.h"
#include "source/gdelt.h"
#include "source/json.h"
#include "source/kaggle.h"
#include "source/owm.h"
#include "source/rss.h"
#include "source/scraping.h"

#include "lib/stringinfo.h"

static const Kind *const kinds[] = {
	&kind_rss, &kind_gdelt, &kind_owm, &kind_json, &kind_kaggle, &kind_scraping,
};

const Kind *
kind_next(const Kind *kind)
{
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (kind == NULL)
			return kinds[i];
		if (kinds[i] == kind)
			kind = NULL;
	}
	return NULL;
}

const Kind *
kind_find(const char *name)
{
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	}
	return NULL;
}

char *
kind_names(void)
{
	StringInfoData names;

	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(kinds); i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ", kinds[i]->name);
	return names.data;
}
