/*
 * kaggle.h
 *	  The kind kaggle: data sets of CSV files, from Kaggle or any address.
 */
#ifndef DATASENS_SOURCE_KAGGLE_H
#define DATASENS_SOURCE_KAGGLE_H

#include "source/kind.h"

extern const Kind kind_kaggle;

#endif
