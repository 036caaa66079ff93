#include "unbound/relief.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/file.h"
#include "unbound/module.h"

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void moment(uint64_t seconds, char out[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(out, 32, "@%llu", (unsigned long long)seconds);
}

static void say(struct ps_module *module, const struct ps_relief_entry *e, bool begins)
{
	char what[300], until[32], name[PS_NAME_TEXT_MAX];

	if (e->kind == PS_RELIEF_ALLOW) {
		(void)ps_name_to_text(ps_relief_name(e), name);
		(void)snprintf(what, sizeof(what), "%.200s and all below it: %s", name,
		    begins ? "let through" : "blocked again where the policy says so");
	} else {
		(void)snprintf(what, sizeof(what), "%s%.130s: %s",
		    e->kind == PS_RELIEF_DISABLE ? "blocking" : "rule ", e->rule,
		    begins ? "switched off" : "on again");
	}
	moment(e->until, until);
	if (begins)
		ps_say(&module->say, PS_SAY_WARNING, "%s until %s%s%s", what, until,
		    e->reason[0] != '\0' ? ": " : "", e->reason);
	else
		ps_say(&module->say, PS_SAY_INFO, "%s", what);
}

static bool has(const struct ps_relief *relief, const struct ps_relief_entry *entry)
{
	for (size_t i = 0; i < relief->count; i++)
		if (ps_relief_entry_equal(&relief->entry[i], entry))
			return true;
	return false;
}

static void take(struct ps_module *module, const struct ps_relief *now)
{
	struct ps_reliefs *reliefs = &module->reliefs;

	for (size_t i = 0; i < reliefs->relief.count; i++)
		if (!has(now, &reliefs->relief.entry[i]))
			say(module, &reliefs->relief.entry[i], false);
	for (size_t i = 0; i < now->count; i++)
		if (!has(&reliefs->relief, &now->entry[i]))
			say(module, &now->entry[i], true);
	reliefs->relief = *now;
}

/* What the file says; none when it is not there or bad. */
static void read_file(struct ps_module *module, const char *path, struct ps_relief *out)
{
	struct ps_buffer buffer;
	struct ps_error err;
	enum ps_status status;

	out->count = 0;
	ps_error_clear(&err);
	ps_buffer_init(&buffer, PS_RELIEF_FILE_MAX);
	status = ps_file_read(path, &buffer, &err);
	if (status == PS_OK)
		status = ps_relief_decode(out, ps_buffer_bytes(&buffer), &err);
	ps_buffer_clear(&buffer);
	if (status == PS_OK || status == PS_NOT_FOUND)
		return;
	if (status == PS_NO_MEMORY || status == PS_IO)
		module->reliefs.seen_valid = false; /* may pass: tried again */
	out->count = 0;
	ps_say(&module->say, PS_SAY_ERROR, "%s: %s: the policy holds as it stands", path, err.text);
}

bool ps_reliefs_look(struct ps_module *module)
{
	struct ps_reliefs *reliefs = &module->reliefs;
	char path[sizeof(module->folder) + sizeof("/" PS_RELIEF_FILE)];
	static struct ps_relief now; /* 80 KiB: the watcher's alone */
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", module->folder, PS_RELIEF_FILE);
	now = reliefs->relief;
	if (stat(path, &st) != 0) {
		/* As long as the folder itself is away, what holds goes on to its end. */
		if (errno == ENOENT && stat(module->folder, &st) == 0)
			now.count = 0;
		reliefs->seen_valid = false;
	} else if (!reliefs->seen_valid || !is_same(&st, &reliefs->seen)) {
		reliefs->seen = st;
		reliefs->seen_valid = true;
		read_file(module, path, &now);
	}
	(void)ps_relief_expire(&now, (uint64_t)time(NULL));
	if (ps_relief_equal(&now, &reliefs->relief))
		return false;
	take(module, &now);
	return true;
}

void ps_reliefs_equip(struct ps_module *module, struct ps_generation *generation)
{
	if (module->reliefs.relief.count == 0)
		return;
	/* A name may become blocked without another snapshot. */
	generation->opens_later = true;
	if (ps_matcher_relieve(generation->matcher, generation->snapshot,
	        &module->reliefs.relief, (uint64_t)time(NULL)) != PS_OK)
		ps_say(&module->say, PS_SAY_ERROR, "no memory for what is let through: the policy holds as it "
		        "stands");
}

struct ps_generation *ps_reliefs_renew(struct ps_module *module)
{
	struct ps_generation *old = atomic_load(&module->current), *generation = NULL;
	struct ps_error err;

	ps_error_clear(&err);
	if (old == NULL)
		return NULL;
	if (ps_generation_renew(&generation, old, old->number + 1, &err) != PS_OK) {
		/* Looked at again at the next tick. */
		module->reliefs.relief.count = 0;
		module->reliefs.seen_valid = false;
		ps_say(&module->say, PS_SAY_ERROR, "%s: what is let through stays as it was", err.text);
		return NULL;
	}
	ps_reliefs_equip(module, generation);
	old->lent = true;
	return generation;
}

void ps_reliefs_tell(const struct ps_module *module, struct ps_counters_state *state)
{
	const struct ps_relief *relief = &module->reliefs.relief;

	state->disabled = 0;
	state->rules_disabled = 0;
	state->names_allowed = 0;
	for (size_t i = 0; i < relief->count; i++) {
		enum ps_relief_kind kind = relief->entry[i].kind;

		state->disabled += kind == PS_RELIEF_DISABLE;
		state->rules_disabled += kind == PS_RELIEF_DISABLE_RULE;
		state->names_allowed += kind == PS_RELIEF_ALLOW;
	}
}
