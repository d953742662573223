/*
 * cppcheck.h
 *	  What the server's and jansson's macros come to, for cppcheck, which reads none of their
 *	  headers (test/check_lint): loops, what does not return, what declares.
 */
#define foreach(cell, list) for (ListCell *cell = list_head(list); cell; cell = lnext(list, cell))
#define for_each_from(cell, list, n) foreach (cell, list)
#define dlist_foreach(iter, list) for (iter.cur = first(list); iter.cur; iter.cur = next(iter.cur))
#define slist_foreach(iter, list) dlist_foreach(iter, list)
#define dlist_foreach_modify(iter, list) dlist_foreach(iter, list)
#define json_object_foreach(object, key, value)                                                    \
	for (key = iter_key(object); key && (value = iter_value(key)); key = iter_next(object, key))
#define json_array_foreach(array, i, value) for (i = 0; (value = json_array_get(array, i)); i++)

#define ERROR 21
#define FATAL 22
#define ereport(level, ...)                                                                        \
	do                                                                                             \
	{                                                                                              \
		__VA_ARGS__;                                                                               \
		if ((level) >= ERROR)                                                                      \
			abort();                                                                               \
	} while (0)
#define elog(level, ...) ereport(level, errmsg(__VA_ARGS__))
#define Assert(condition) assert(condition)

#define PG_TRY() if (sigsetjmp(here, 0) == 0)
#define PG_CATCH() else
#define PG_FINALLY()
#define PG_END_TRY()
#define PG_FUNCTION_INFO_V1(name) extern int name##_info
#define PG_MODULE_MAGIC extern int magic
#define PGDLLEXPORT
#define _Noreturn __attribute__((noreturn))
#define FLEXIBLE_ARRAY_MEMBER
#define PG_USED_FOR_ASSERTS_ONLY
#define pg_attribute_printf(format, arguments)
#define pg_attribute_noreturn() __attribute__((noreturn))
#define pg_unreachable() abort()
#define StaticAssertStmt(condition, message) assert(condition)
#define StaticAssertDecl(condition, message) extern int declared
#define CppAsString(identifier) #identifier
#define CppAsString2(x) CppAsString(x)
#define lengthof(array) (sizeof(array) / sizeof((array)[0]))
