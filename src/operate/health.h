/*
 * health.h
 *	  How each source is.
 */
#ifndef DATASENS_OPERATE_HEALTH_H
#define DATASENS_OPERATE_HEALTH_H

#include "postgres.h"

/*
 * Leaves one row a source in SPI_tuptable, by name: nom, type_source, statut,
 * total_docs, derniere_collecte, age_dernier_flux, prochaine_collecte,
 * echecs_consecutifs, derniere_erreur.  Inside an owner's scope.
 *
 * statut, the first that holds:
 *	  inactif   switched off, by datasens_enable_source() or a 410
 *	  en_cours  somebody holds its lock: it is being collected
 *	  echec     the last run failed, its retries are spent
 *	  jamais    never collected with success
 *	  obsolete  no success for longer than datasens.stale_after and one and a
 *				half of its schedule's periods
 *	  retard    due for more than a minute, and nobody collects it
 *	  ok
 */
extern void health_query(void);

#endif
