/*
 * preload.c
 *	  Loaded into the server together with the sanitizers: what these look for and would not find.
 *
 * AddressSanitizer asks, while it starts, for the function below, and where there is none, for the
 * message that says so.  So early the C library does not lock what translates messages, but it
 * unlocks it; the server's first call of bindtextdomain() then waits for ever.
 */
extern char *swift_demangle(const char *name, unsigned long length, char *buffer,
							unsigned long *size, unsigned int flags);

/* No name is one of Swift's. */
char *
swift_demangle(const char *name, unsigned long length, char *buffer, unsigned long *size,
			   unsigned int flags)
{
	return 0;
}
