/*
 * owm.h
 *	  The kind owm: the current weather of places, from OpenWeatherMap.
 */
#ifndef DATASENS_SOURCE_OWM_H
#define DATASENS_SOURCE_OWM_H

#include "source/kind.h"

extern const Kind kind_owm;

#endif
