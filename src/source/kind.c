/*
 * kind.c
 *	  The kinds there are, and their schedules.
 */
#include "postgres.h"

#include "source/kind.h"
#include "base/settings.h"

#include "lib/stringinfo.h"

#define KIND(name) extern const Kind kind_##name;
#include "source/kind_list.h"
#undef KIND

static const Kind *const kinds[] = {
#define KIND(name) &kind_##name,
#include "source/kind_list.h"
#undef KIND
};

static char *schedules[lengthof(kinds)];

void
kinds_define_schedules(void)
{
	for (size_t i = 0; i < lengthof(kinds); i++)
		settings_define_schedule(kinds[i]->name, &schedules[i], kinds[i]->schedule);
}

const char *
kind_schedule(const Kind *kind)
{
	size_t i = 0;

	while (kinds[i] != kind)
		i++;
	return schedules[i];
}

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
		if (name != NULL && strcmp(kinds[i]->name, name) == 0)
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
