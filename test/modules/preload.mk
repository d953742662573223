# A library for LD_PRELOAD, as each folder here has one that includes this: NAME.so of NAME.c.
# It is loaded from its folder; nothing is installed.
CC ?= cc
CFLAGS = -std=gnu11 -O1 -g -Wall -Wextra -Wshadow -Werror -fPIC

$(NAME).so: $(NAME).c
	$(CC) $(CFLAGS) -shared -o $@ $< -ldl

clean:
	rm -f $(NAME).so

.PHONY: clean
