/*
 * scarce_memory.c
 *	  Memory that a process asks for and does not get, at a place that a test chooses.
 *
 * A process that is started with LD_PRELOAD=scarce_memory.so and SCARCE_MEMORY=FILE counts
 * what it asks malloc, calloc and realloc for while FILE names its process id, and is denied
 * one of them: the server's memory contexts, whose blocks are malloc'd, and the libraries
 * below alike, on whatever thread.  FILE is a Control, which the test writes over.
 *
 * What libarchive and jansson ask for is counted, but never denied: they do not look whether
 * they got it.  Never: a lock or memory, as this stands before every malloc.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct Control
{
	_Atomic int64_t pid;	 /* of whom memory is denied; 0: of nobody */
	_Atomic int64_t deny_at; /* which one, from 1; 0: none any more */
	_Atomic int64_t asked;	 /* how many there were */
	_Atomic int64_t size;	 /* only those of this size count; 0: all */
} Control;

/* The C library's own, under names that need no looking up, which would ask for memory. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static Control *control;

__attribute__((constructor)) static void
map_control(void)
{
	const char *path = getenv("SCARCE_MEMORY");
	int			fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void	   *memory;

	if (fd < 0)
		return;
	memory = mmap(NULL, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		abort(); /* a test without its faults is none */
	control = memory;
}

static bool
is_exempt(const void *caller)
{
	Dl_info library;

	return dladdr(caller, &library) != 0 && (strstr(library.dli_fname, "/libarchive.so") != NULL ||
											 strstr(library.dli_fname, "/libjansson.so") != NULL);
}

/* Whether this one is denied: the first that can be, from the chosen one on. */
static bool
is_denied(size_t size, const void *caller)
{
	int64_t deny_at;

	if (control == NULL || control->pid == 0 || control->pid != getpid() ||
		(control->size != 0 && control->size != (int64_t) size))
		return false;
	deny_at = control->deny_at;
	if (atomic_fetch_add(&control->asked, 1) + 1 < deny_at || deny_at == 0 || is_exempt(caller) ||
		!atomic_compare_exchange_strong(&control->deny_at, &deny_at, 0))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return is_denied(size, __builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return is_denied(n * size, __builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *block, size_t size)
{
	return is_denied(size, __builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
}
