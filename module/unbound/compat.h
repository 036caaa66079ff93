/* Unbound's headers, and what differs between the versions we build against: the one
 * place for both. Tested: 1.17.1 (Debian 12), 1.22.0 (Debian 13), 1.26.
 *
 * Included by the files of this folder only; nothing else in the project sees
 * Unbound.
 */
#ifndef PS_UNBOUND_COMPAT_H
#define PS_UNBOUND_COMPAT_H

#include <stdbool.h>

#include "core/address.h"

#include "config.h" /* Unbound's configured one: struct layouts depend on it */

#include "daemon/daemon.h"
#include "daemon/worker.h"
#include "dynlibmod/dynlibmod.h"
#include "iterator/iter_delegpt.h"
#include "services/cache/dns.h"
#include "services/cache/rrset.h"
#include "services/mesh.h"
#include "sldns/rrdef.h"
#include "sldns/sbuffer.h"
#include "util/config_file.h"
#include "util/data/dname.h"
#include "util/data/msgreply.h"
#include "util/log.h"
#include "util/netevent.h"
#include "util/module.h"
#include "util/net_help.h"
#include "util/rbtree.h"
#include "util/regional.h"
#include "util/storage/lruhash.h"
#include "util/storage/slabhash.h"
#include "util/ub_event.h"
#include "validator/val_neg.h"

#ifndef HAVE_PTHREAD
#error "PostShield needs an Unbound with threads: it was configured without pthreads"
#endif

/* "unbound 1.17.1" and the configure line, as this module saw them when it was built;
 * both stand in the daemon's image too, see host.h. */
#define PS_HOST_PACKAGE PACKAGE_STRING
#define PS_HOST_CONFIGURE CONFCMDLINE

/* Unbound's own event loop calls only functions on its whitelist, and ends the process otherwise;
 * libevent calls any. */
#ifndef USE_MINI_EVENT
#define PS_HOST_CALLS_ANY_EVENT 1
#endif

/* The daemon whose worker's environment this is. NULL where there is none: in init, and in
 * programs that use libunbound (unbound-host(1)), where env->worker is another struct; its
 * environment does not stand inside it. */
static inline const struct daemon *ps_daemon(const struct module_env *env)
{
	return env->worker != NULL && env == &env->worker->env ? env->worker->daemon : NULL;
}

/* Whether the daemon's workers are there. Its main thread sets num to 0, without a lock,
 * when it has ended them for a reload; what it does next it does alone, caches included.
 * ThreadSanitizer is right that this races: an old value is as good as a look a moment
 * earlier, and there is nothing to wait for. */
__attribute__((no_sanitize("thread"))) static inline bool ps_daemon_serves(
    const struct daemon *daemon)
{
	return daemon == NULL || *(const volatile int *)&daemon->num > 0;
}

/* False: no IP address. */
static inline bool ps_socket_address(
    const struct sockaddr_storage *from, struct ps_address *out)
{
	struct ps_address address = {.family = 0};

	if (from->ss_family == AF_INET) {
		address.family = 4;
		memcpy(address.bytes, &((const struct sockaddr_in *)from)->sin_addr, 4);
	} else if (from->ss_family == AF_INET6) {
		address.family = 6;
		memcpy(address.bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	} else {
		return false;
	}
	*out = address;
	return true;
}

/* Who waits for a reply; behind a proxy that says so (PROXYv2) whom that asks for. False: by
 * something that has no IP address. */
static inline bool ps_reply_address(const struct mesh_reply *reply, struct ps_address *out)
{
	return ps_socket_address(&reply->query_reply.client_addr, out);
}

/* serve_expired_norec_ttl came with 1.21 (a second hold-off for stale answers). */
#if !defined(PS_UNBOUND_MINOR)
#error "CMake passes PS_UNBOUND_MINOR, the 17 of 1.17.1"
#endif
static inline void ps_reply_set_ttl(struct reply_info *rep, time_t ttl)
{
	rep->ttl = ttl;
	rep->prefetch_ttl = ttl;
	rep->serve_expired_ttl = ttl;
#if PS_UNBOUND_MINOR >= 21
	rep->serve_expired_norec_ttl = 0;
#endif
}

/* Stores an answer as the validator does: whole under the query's question, or its
 * RRsets alone. False: no memory. */
static inline bool ps_cache_store(
    struct module_qstate *qstate, struct reply_info *rep, bool whole)
{
	time_t leeway = whole ? qstate->prefetch_leeway : 0;
#ifdef PS_CACHE_STORE_VALREC /* CMake looks into dns.h: between 1.22 and 1.26 */
	return dns_cache_store(qstate->env, &qstate->qinfo, rep, !whole, leeway, 0, NULL,
	           qstate->query_flags, qstate->qstarttime, qstate->is_valrec) != 0;
#else
	return dns_cache_store(qstate->env, &qstate->qinfo, rep, !whole, leeway, 0, NULL,
	           qstate->query_flags, qstate->qstarttime) != 0;
#endif
}

/* What a secure answer proves not to be, for answers to come (RFC 8198): the validator passes this
 * on unless no_cache_store is set. The records themselves must be stored. */
static inline void ps_cache_add_denial(struct module_qstate *qstate, struct reply_info *rep)
{
	if (rep->security == sec_status_secure && qstate->env->neg_cache != NULL)
		val_neg_addreply(qstate->env->neg_cache, rep);
}

/* Stores a response's RRsets alone, and takes over those of the cache where they are
 * as good, as the iterator does. */
static inline bool ps_cache_store_rrsets(
    struct module_qstate *qstate, const struct dns_msg *response)
{
	struct query_info query = response->qinfo;

#ifdef PS_CACHE_STORE_VALREC
	return dns_cache_store(qstate->env, &query, response->rep, 1, qstate->prefetch_leeway, 0,
	           qstate->region, qstate->query_flags, qstate->qstarttime, qstate->is_valrec) != 0;
#else
	return dns_cache_store(qstate->env, &query, response->rep, 1, qstate->prefetch_leeway, 0,
	           qstate->region, qstate->query_flags, qstate->qstarttime) != 0;
#endif
}

/* A client's view came in as an argument with 1.26 (CMake looks at the header). NULL:
 * the lookup of a sinkhole's target belongs to nobody's view. */
static inline int ps_attach_sub(struct module_qstate *qstate, struct query_info *query,
    uint16_t flags, struct module_qstate **sub)
{
#ifdef PS_UNBOUND_SUB_HAS_CLIENT
	return qstate->env->attach_sub(qstate, query, NULL, flags, 0, 0, sub);
#else
	return qstate->env->attach_sub(qstate, query, flags, 0, 0, sub);
#endif
}

#endif
