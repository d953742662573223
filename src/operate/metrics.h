/*
 * metrics.h
 *	  How things are, for Prometheus and its like.
 *
 * Who calls it: datasens_metrics() (api/health.c).
 */
#ifndef DATASENS_OPERATE_METRICS_H
#define DATASENS_OPERATE_METRICS_H

#include "postgres.h"

/*
 * OpenMetrics 1.0 text: for each source its status, documents, times and failures,
 * for each task its times and failures, the last good backup; "# EOF" at its end.
 * Reads no document.  In the database's encoding, palloc'd in context; inside an
 * owner's scope.
 */
extern char *metrics_text(MemoryContext context);

#endif
