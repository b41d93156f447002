/*
 * What a node owes its host and its peers besides counts and answers, held against
 * what it does. Each is asked where it happens, at a cost of what happened.
 */
#ifndef DC_SIM_CONDUCT_H
#define DC_SIM_CONDUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/env.h"
#include "core/node.h"
#include "core/types.h"

struct cluster;
struct cluster_request;
struct host;
struct message;
struct pncounter;

/* The process begins: nothing has risen in it yet. */
void conduct_starts(struct host *host);

/* An event is done: the version of a state changes when something rose, and only then. */
void conduct_version(struct host *host);

/* A client is refused: the log names what it asked for, which is what @host was handed last. */
void conduct_refused(struct host *host, const struct env_fields *fields);

/* So many of its clients may wait. */
uint32_t conduct_clients_max(const struct host *host);

/* It gives @request an answer other than ok: something that it asked for has failed. */
void conduct_answers(const struct host *host, const struct cluster_request *request,
                     enum env_answer answer);

/* An event is done: a client that waits has something to wait for. */
void conduct_waits(const struct host *host);

/* It says that its disk has lost counts under @id: others know more of them. */
void conduct_counts_lost(const struct host *host, dc_name id);

/* It was woken, and its timer has fired @found times by its own count, not @due times. */
void conduct_ticks(const struct host *host, uint64_t due, uint64_t found);

/* It leaves, was woken by @timer, and sent @sent messages: in its rounds, once nobody waits. */
void conduct_goes(const struct host *host, enum node_timer timer, uint32_t sent);

/*
 * It sends @msg to @to: who is not on the list of all is told whom there is, and nobody is
 * told of a list that is fixed.
 */
void conduct_tells(const struct host *host, uint32_t to, const struct message *msg);

/* The order of two states is that of their totals; @later holds all that @earlier did. */
void conduct_order(const struct host *host, const struct pncounter *earlier,
                   const struct pncounter *later);

/*
 * It tells one that leaves that this is known: what others gave it is durable. Asked only
 * of a first life in which nothing has failed, where what a sync covered is known.
 */
void conduct_hands_over(const struct host *host);

/* It lacked memory when it took the push @msg of @from: it has all of that, or says so. */
void conduct_starved(const struct host *host, uint32_t from, const struct message *msg);

/* The host has told it of @whom; it sent @sent messages because of that. */
void conduct_meets(const struct host *host, uint32_t whom, bool was_active, uint32_t sent);

/* It was told to leave: it has gone, if it has nothing to give and nobody to tell. */
void conduct_leaves(const struct host *host);

/* In the end of a quiet: who leaves has left, if somebody was there to say so to. */
void conduct_leaver(const struct cluster *cluster, uint32_t node);

#endif
