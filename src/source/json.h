/*
 * json.h
 *	  The kind json: documents out of any service's answers in JSON.
 */
#ifndef DATASENS_SOURCE_JSON_H
#define DATASENS_SOURCE_JSON_H

#include "source/kind.h"

extern const Kind kind_json;

#endif
