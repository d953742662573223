MODULE_big = datasens
OBJS = $(patsubst %.c,%.o,$(wildcard src/*.c src/*/*.c))
EXTENSION = datasens
DATA = datasens--0.1.0.sql
PG_CPPFLAGS = -I$(CURDIR)/src $(shell pkg-config --cflags libxml-2.0 libcurl jansson)
# Our own names are bound to our own functions, whatever the server and its libraries export.
SHLIB_LINK = -Wl,-Bsymbolic $(shell pkg-config --libs libxml-2.0 libcurl jansson)
PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
