/*
 * transfer.h
 *	  What fetch.c, hop.c and receive.c share: a request on its way to an answer.
 *
 * A transfer is one request, from fetch_start to fetch_free.  A hop is one
 * question to one server: a transfer has as many as it meets redirects, one
 * after the other.  Hops are few (datasens.max_connections) and used again and
 * again, as each holds an easy handle; transfers may be many, and are small.
 */
#ifndef DATASENS_NET_TRANSFER_H
#define DATASENS_NET_TRANSFER_H

#include "base/md5.h"
#include "base/tempfile.h"
#include "net/fetch.h"
#include "net/loop.h"
#include "net/queue.h"
#include "parse/content_coding.h"

#include <netinet/in.h>

typedef struct Hop Hop;

typedef enum TransferState
{
	TRANSFER_WAITING,	/* in the queue */
	TRANSFER_ASKED,		/* waits for the supplier, among the fetcher's asked ones */
	TRANSFER_IN_FLIGHT, /* has a hop */
	TRANSFER_FINISHED,	/* among the fetcher's finished ones */
	TRANSFER_TAKEN		/* the caller has the response */
} TransferState;

/* Accept, If-None-Match, If-Modified-Since; the request's own come besides. */
#define TRANSFER_HEADERS 3

typedef struct Transfer
{
	FetchResponse response; /* first: a response is freed by its transfer; strings malloc'd */
	TransferState state;
	dlist_node	  owner_node; /* among the fetcher's transfers of like owners */
	dlist_node	  node;		  /* among the asked, or the finished */
	QueueEntry	  entry;	  /* its place, waiting or in flight */
	Hop			 *hop;		  /* in flight only */

	char	   *url;		 /* of this hop: as asked, or malloc'd */
	char	   *bare_url;	 /* malloc'd: without user name and password; or NULL */
	const char *secret_url;	 /* what is sent instead; of the first hop, NULL: url */
	const char *post;		 /* body of a POST, or NULL */
	int			redirects;	 /* followed so far */
	bool		moved;		 /* all of them permanent */
	bool		conditional; /* a 304 is an answer */
	bool		stay;		 /* so is a redirect */
	int64		max_size;	 /* of the body, decoded bytes */
	int64		end_bytes;	 /* asked for; 0: all of it */
	int			n_headers;	 /* in use below */
	int			n_public;	 /* of them: those before the credentials */

	TempFile		  file;	   /* takes the body, if it is one */
	char			 *stage;   /* malloc'd: what of it is still to be written */
	size_t			  staged;  /* bytes in it */
	size_t			  in_file; /* those before them */
	char			 *body;	   /* malloc'd */
	size_t			  body_len;
	size_t			  body_capacity;
	Md5				  sum;		 /* of the body, where the hop has a digest for it */
	struct curl_slist headers[]; /* chained; what was asked comes behind them */
} Transfer;

struct Hop
{
	dlist_node node; /* among the fetcher's hops that fly, or that are idle */
	Loop	  *loop;
	CURL	  *easy;
	Transfer  *transfer; /* while it flies */
	int64	   started;	 /* loop_now() */
	unsigned   denials;	 /* loop_denials(), likewise */
	bool	   proxied;	 /* its sockets lead to the administrator's proxy */

	/* What arrived so far, written by the callbacks. */
	int				status;		  /* of the newest header; 0: none */
	bool			head_ended;	  /* the header of the final answer is complete */
	size_t			header_bytes; /* of all headers, interim ones and trailers included */
	int				header_lines;
	const char	   *location;	 /* malloc'd, or NULL */
	int				retry_after; /* seconds; -1: not said */
	ContentCodings	codings;	 /* the body comes packed so by HTTP */
	ContentDecoder *decoder;	 /* and is unpacked by this, once bytes have come; malloc'd */
	bool			has_md5;	 /* the body's, as the server has it */
	uint8			md5[MD5_SIZE];
	size_t			unwanted;						   /* bytes of a body that is not kept */
	bool			admitted;						   /* the guard let a socket be made */
	char			refused_address[INET6_ADDRSTRLEN]; /* or it did not; "": nothing to refuse */
	Failure			failure;						   /* why a callback ended the hop */
	char			error[CURL_ERROR_SIZE];			   /* libcurl's words */
};

/* receive.c: empties a hop's answer; ties its easy handle to the callbacks that fill it. */
extern void receive_reset(Hop *hop);
extern void receive_attach(Hop *hop);

/*
 * Takes in a piece of the body, within the transfer's limit; false with *failure where it cannot
 * be.  announced: size of the whole body, -1: not known.  In the end the rest of it is written
 * into its file, if it has one.
 */
extern bool receive_piece(Transfer *transfer, const char *data, size_t length, int64 announced,
						  Failure *failure);
extern bool receive_rest(Transfer *transfer, Failure *failure);

/*
 * Sets a header's value, malloc'd, freeing the old one; value NULL for none.  False where there
 * is no memory for it.
 */
extern bool receive_set_field(const char **field, const char *value, size_t length);

/* Frees what the headers of an answer said. */
extern void receive_forget_fields(FetchResponse *response);

/*
 * hop.c: NULL where libcurl has no memory.  hop_may_begin: whether a URL may be asked, else
 * *failure says why.  hop_begin sets up the easy handle for the transfer's URL, false where there
 * is no memory for it; hop_end judges what came of it: true where the transfer goes on at its new
 * url, false where its response is complete.
 */
extern Hop *hop_create(Loop *loop);
extern void hop_free(Hop *hop);
extern bool hop_may_begin(const char *url, Failure *failure);
extern bool hop_begin(Hop *hop, Transfer *transfer);
extern bool hop_end(Hop *hop, CURLcode result);

/*
 * supply.c: makes the supply the transfer's answer.  Not in a callback: looks at interrupts,
 * and ereports where the supply cannot be read.
 */
extern void supply_answer(Transfer *transfer, const FetchSupply *supply);

/* Gives the transfer the failure, its detail "message: url" with secrets masked. */
extern void transfer_fail(Transfer *transfer, FailureClass class, const char *message);

#endif
