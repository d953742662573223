/*
 * gdelt.h
 *	  The kind gdelt: the events, mentions and documents of GDELT 2.0, a slice a
 *	  quarter of an hour.
 */
#ifndef DATASENS_SOURCE_GDELT_H
#define DATASENS_SOURCE_GDELT_H

#include "source/kind.h"

extern const Kind kind_gdelt;

#endif
