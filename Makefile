# datasens: a PGXS Makefile, so "make", "make install" and "make installcheck" do
# what they do for every PostgreSQL extension.  PG_CONFIG names the server.
#
#	make demo [FEEDS=DIR]	a private server that collects sample feeds (or DIR's) by itself
#	make demo-stop			ends it and removes it
#	make test [T="NAME..."]	every test on private servers; T picks some: T=sql/source
#							T=test/t/010_fetch.pl; or a group: check unit fuzz corpus sql pgtap t
#	make unit				the tests that need no server
#	make fuzz [SECONDS=10] [T="NAME..."]	looks for inputs that break a parser
#	make corpora			every file of ../shared/corpora, whole, through its parser, under sanitizers
#	make test-asan [T="NAME..."]	the tests, with ASan and UBSan in the server, and the corpora
#	make test-valgrind T="NAME..."	some tests, with the server under memcheck
#	make bench [OPTIONS=NAME]	every measurement at a small size, in one table (bench/Makefile)
#	make coverage			the tests with gcov: lines run, a room a line
#	make lint				what a look at the sources can find; part of "make test"
#	make format				the sources as .clang-format has them
#	make reference			writes the README's reference anew, from the comments in the catalog
#
# CI=1 or WERROR=1 makes every warning an error.

# Where the sources are: here, or in a VPATH build ("make -f ../Makefile") elsewhere.
TOP := $(filter-out ./,$(dir $(firstword $(MAKEFILE_LIST))))

MODULE_big = datasens
EXTENSION = datasens
DATA = $(patsubst $(TOP)%,%,$(wildcard $(TOP)datasens--*.sql)) datasens_adopt.sql
PGFILEDESC = "datasens - the server collects its own data"
# Every C file of src/ and of its rooms belongs to the library.
OBJS = $(patsubst $(TOP)%.c,%.o,$(wildcard $(TOP)src/*.c $(TOP)src/*/*.c))
REGRESS = $(patsubst $(TOP)sql/%.sql,%,$(wildcard $(TOP)sql/*.sql))
# As test/regress has it: the expected output has accents, whatever the server's databases are.
REGRESS_OPTS = --encoding=UTF8 --no-locale
EXTRA_CLEAN = $(OBJS:.o=.d) build results compile_commands.json

PG_CONFIG ?= pg_config
LIBRARIES = libxml-2.0 libcurl jansson libarchive zlib

# The server's headers are taken as the system's: what -Wextra says is about our files.
# Signatures of hooks and callbacks are not ours, so their parameters may be unused.
PG_CPPFLAGS = -I$(TOP)src -isystem $(shell $(PG_CONFIG) --includedir-server 2>/dev/null) \
	$(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
PG_CFLAGS = -Wextra -Wshadow -Wno-unused-parameter $(if $(WERROR)$(CI),-Werror) -MMD -MP
# The flags are those of the compiler that built the server: clang does not know all of gcc's.
PG_CFLAGS += $(if $(findstring clang,$(CC)),-Wno-ignored-optimization-argument -Wno-unknown-warning-option)
# Only what the server looks up is public, as in servers from 16 on: the names of our
# functions cannot meet those of another library.
SHLIB_LINK = $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null) \
	$(if $(filter linux,$(PORTNAME)),-Wl$(comma)--version-script=$(TOP)src/datasens.map)
comma = ,

# Dependencies are tracked here, by -MMD: the server's own way keeps one file a base name,
# and two rooms may each have a journal.c.
override autodepend =

PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))

ifeq ($(PGXS),)
all install installcheck:
	@echo "make: no server to build for: install postgresql-server-dev-NN, or name one" \
		"with PG_CONFIG=...; make demo and make test install what is missing" >&2; exit 1
else

# Bitcode is for servers that have LLVM; a machine without their clang builds without.
CLANG_OF_SERVER := $(shell sed -n 's/^CLANG *= *//p' $(dir $(PGXS))../Makefile.global)
ifeq ($(shell command -v $(CLANG_OF_SERVER)),)
override with_llvm = no
endif

include $(PGXS)

# What was built with other flags, or for another server, is built again.
build/flags: FORCE
	@mkdir -p $(@D) $(dir $(OBJS))
	@echo '$(VERSION) $(CC) $(CPPFLAGS) $(CFLAGS)' | cmp -s - $@ || \
		echo '$(VERSION) $(CC) $(CPPFLAGS) $(CFLAGS)' > $@
$(OBJS): build/flags

# For editors and for clang-tidy: how each file is compiled.
compile_commands.json: build/flags $(OBJS:%.o=$(TOP)%.c)
	@sed 's|\(["\\]\)|\\\1|g; s|^[^ ]* ||' build/flags | { read -r flags; \
		for file in $(OBJS:%.o=$(TOP)%.c); do \
			printf ',\n{"directory": "%s", "file": "%s", "command": "%s -c %s"}' \
				'$(CURDIR)' "$$file" "$$flags" "$$file"; \
		done; } | sed '1s/^,/[/; $$s/$$/\n]/' > $@
all: compile_commands.json
$(OBJS:.o=.bc): %.bc: %.o
$(shlib): $(TOP)src/datasens.map
-include $(OBJS:.o=.d)

endif

export PG_CONFIG FEEDS

demo:
	@$(TOP)demo/demo start

demo-stop:
	@$(TOP)demo/demo stop

test:
	@$(TOP)test/run $(T)

test-asan:
	@$(TOP)test/instrument asan $(T)

test-valgrind:
	@$(TOP)test/instrument valgrind $(T)

unit:
	@$(MAKE) -C $(TOP)test/unit run

fuzz:
	@$(MAKE) -C $(TOP)test/fuzz run

corpora:
	@$(MAKE) -C $(TOP)test/fuzz corpora

bench:
	@$(TOP)test/sandbox $(MAKE) -s -C $(TOP)bench OPTIONS="$(OPTIONS)"

coverage:
	@$(TOP)test/coverage $(T)

# The fast part is what "make test" runs, too (test/check_*).
lint: compile_commands.json
	@status=0; for check in format includes lint; do \
		$(TOP)test/check_$$check || status=1; done; exit $$status

format:
	@$(TOP)test/check_format --fix

check-format:
	@$(TOP)test/check_format

check-includes:
	@$(TOP)test/check_includes

reference:
	@$(TOP)test/sandbox docs/reference

FORCE:
.PHONY: all install installcheck demo demo-stop test test-asan test-valgrind unit fuzz corpora bench \
	coverage lint format check-format check-includes reference FORCE
