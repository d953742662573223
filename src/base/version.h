/*
 * version.h
 *	  The version of the extension's SQL objects that this library works with: default_version
 *	  of datasens.control.
 *
 * Who reads it: base/transaction.c compares, net/ and run/ tell servers and archives.
 */
#ifndef DATASENS_BASE_VERSION_H
#define DATASENS_BASE_VERSION_H

#define DATASENS_VERSION "1.0.0"

#endif
