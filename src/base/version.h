/*
 * version.h
 *	  The version of the extension's SQL objects that this library works with: default_version
 *	  of datasens.control.
 */
#ifndef DATASENS_BASE_VERSION_H
#define DATASENS_BASE_VERSION_H

#define DATASENS_VERSION "1.0.0"

#endif
