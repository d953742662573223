/*
 * file_write.h
 *	  Bytes into a file, all of them.
 *
 * Plain C, for any thread: called by whatever writes files by their descriptors.
 */
#ifndef DATASENS_BASE_FILE_WRITE_H
#define DATASENS_BASE_FILE_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes size bytes at offset; false with errno set (ENOSPC where the system does not say why). */
extern bool file_write(int file, const void *data, size_t size, int64_t offset);

#endif
