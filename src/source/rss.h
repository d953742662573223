/*
 * rss.h
 *	  The kind rss: feeds of every format (RSS, RDF, Atom, JSON Feed).
 */
#ifndef DATASENS_SOURCE_RSS_H
#define DATASENS_SOURCE_RSS_H

#include "source/kind.h"

extern const Kind kind_rss;

#endif
