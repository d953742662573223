/*
 * transaction.h
 *	  All that datasens does in tables: as their owner, with a pinned
 *	  search_path, through kept plans.
 *
 * The tables belong to pg_database_owner, and every statement of ours runs as
 * that role inside a security-restricted operation: what a trigger, rule,
 * default or index expression does there, it does without the rights of a
 * superuser and without the caller's settings.
 *
 * Called by whatever runs a statement.  Never: a statement outside of an owner's scope, a value
 * in a statement's text.
 */
#ifndef DATASENS_BASE_TRANSACTION_H
#define DATASENS_BASE_TRANSACTION_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "executor/spi.h"

/* Where we came from; filled by owner_enter or transaction_start, on the caller's stack. */
typedef struct OwnerScope
{
	Oid			  user;
	int			  security_context;
	int			  guc_level;
	MemoryContext context; /* of transaction_start's caller */
} OwnerScope;

/*
 * Becomes the owner and connects to SPI, inside the current transaction; an
 * error undoes it by itself.  owner_leave ends it in the regular way.  ereports
 * (SQLSTATE 55000) where the extension is of another version here than the library.
 */
extern void owner_enter(OwnerScope *scope);
extern void owner_leave(OwnerScope *scope);

/*
 * For statements that read large tables whole: gives the planner back the joins and scans that
 * owner_enter has turned off, until the scope ends. As plans are kept, a Statement that is run so
 * once is to be run so always.
 */
extern void owner_plan_freely(void);

/*
 * A transaction of a background worker: started, as the owner, with a snapshot for SPI.
 * False, with the transaction ended, where the extension is not in the database (any longer),
 * or of another version, which is logged. Inside of it the current memory context is one that
 * ends with the transaction; afterwards, or after false, it is again the one that was current
 * before. transaction_commit waits for the disk only if durable.
 */
extern bool transaction_start(OwnerScope *scope);
extern void transaction_commit(OwnerScope *scope, bool durable);

#define STATEMENT_MAX_ARGS 16

/* A statement and its plan, prepared at its first use in a process and kept. */
typedef struct Statement
{
	const char *sql;
	int			n_args;
	Oid			types[STATEMENT_MAX_ARGS];
	SPIPlanPtr	plan; /* NULL before the first use */
} Statement;

/*
 * Runs it inside an owner's scope: values and nulls ('n' for a null, ' '
 * otherwise; NULL for none) as SPI_execute_plan, result in SPI_tuptable and
 * SPI_processed.  ereports unless the result is the expected SPI_OK_... code.
 */
extern void statement_run(Statement *statement, const Datum *values, const char *nulls,
						  int expected);

/* The time that a statement without arguments selects; DT_NOEND for a null. */
extern TimestampTz statement_time(Statement *statement);

/* A string as a text datum for a statement; *null becomes 'n' where there is none, else ' '. */
extern Datum text_or_null(const char *string, char *null);

/*
 * The value in a row of a result; row from 0, column from 1.  The tables are their owner's to
 * alter, and may have his triggers: ereports where there is no such row (55000), or where
 * the column is neither of that type nor of a domain over it (42804).
 */
extern Datum table_datum(SPITupleTable *rows, uint64 row, int column, Oid type, bool *isnull);

/* The same of SPI_tuptable. */
extern Datum row_datum(uint64 row, int column, Oid type, bool *isnull);

/* The same of one type, as C has it; for a null false, 0 or DT_NOEND. */
extern bool		   row_bool(uint64 row, int column);
extern int32	   row_int32(uint64 row, int column);
extern int64	   row_int64(uint64 row, int column);
extern TimestampTz row_time(uint64 row, int column);

/*
 * A column of any type in its text form, as a palloc'd C string in the given context; NULL for a
 * null, which even a column may have that was made NOT NULL, as its owner may have altered that.
 */
extern char *row_string(MemoryContext context, uint64 row, int column);

/* The same where there is no way on without a value: ereports (22004) on a null. */
extern char *row_need_string(MemoryContext context, uint64 row, int column);

#endif
