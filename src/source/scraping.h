/*
 * scraping.h
 *	  The kind scraping: pages of the web, politely.
 */
#ifndef DATASENS_SOURCE_SCRAPING_H
#define DATASENS_SOURCE_SCRAPING_H

#include "source/kind.h"

extern const Kind kind_scraping;

#endif
