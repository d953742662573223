/*
 * lock.c
 *	  Advisory locks on what a table's rows stand for: a source, a task.
 */
#include "postgres.h"

#include "base/lock.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"

static void
set_tag(LOCKTAG *tag, Oid table, int32 id)
{
	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, table, (uint32) id, LOCK_TABLE_CLASS);
}

Oid
lock_table(const char *name)
{
	return get_relname_relid(name, get_namespace_oid("datasens", false));
}

bool
lock_take(Oid table, int32 id, bool session, bool wait)
{
	LOCKTAG tag;

	set_tag(&tag, table, id);
	return LockAcquire(&tag, ExclusiveLock, session, !wait) != LOCKACQUIRE_NOT_AVAIL;
}

void
lock_release(Oid table, int32 id, bool session)
{
	LOCKTAG tag;

	set_tag(&tag, table, id);
	(void) LockRelease(&tag, ExclusiveLock, session);
}
