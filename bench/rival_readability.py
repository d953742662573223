#!/usr/bin/python3
"""The rival of the article extraction: readability with lxml, as users call it.

Usage: rival_readability.py FILE...

Reads the pages into memory and then, with the clock running, takes title and body of each.
Prints the seconds of the processor, pages and characters as JSON; imports are not counted.
"""
import json
import logging
import pathlib
import sys
import time

from readability import Document


def main():
    logging.disable(logging.CRITICAL)
    pages = [pathlib.Path(name).read_bytes() for name in sys.argv[1:]]
    chars = 0
    start = time.process_time()
    for page in pages:
        document = Document(page)
        chars += len(document.title()) + len(document.summary())
    seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "pages": len(pages), "chars": chars}))


if __name__ == "__main__":
    main()
