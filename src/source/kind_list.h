/*
 * kind_list.h
 *	  The table of kinds: a line for each kind_<name>, in the order in which they are listed
 *	  to users.  For kind.h and kind.c, which give KIND its meaning and include this more than
 *	  once: hence no guard.
 */
KIND(rss)
KIND(gdelt)
KIND(owm)
KIND(json)
KIND(kaggle)
KIND(scraping)
