/*
 * kind_list.h
 *	  The table of kinds: a line for each kind_<name>, in the order in which they are listed
 *	  to users.  For kind.c, which gives KIND its meaning and includes this twice: hence no guard.
 */
KIND(rss)
KIND(gdelt)
KIND(owm)
KIND(json)
KIND(kaggle)
KIND(scraping)
