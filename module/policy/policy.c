#include "policy/policy.h"

#include "core/file.h"
#include "policy/compile.h"
#include "policy/fix.h"
#include "policy/yaml_rest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILES_MAX 1024
#define FILE_SIZE_MAX ((size_t)1 << 20)
#define POLICY_SIZE_MAX ((size_t)16 << 20)
#define ARENA_MAX ((size_t)1 << 30)
#define FILE_SUFFIX ".postshield.yaml"

struct ps_policy {
	struct ps_arena arena;
	struct ps_plan plan;
	size_t file_count;
	const char *files[FILES_MAX];
};

/* Everything that is needed only until the plan is made. */
struct loading {
	struct ps_policy *policy;
	struct ps_arena scratch;
	struct ps_diagnostics *diagnostics;
	struct ps_error *err;
	const struct ps_overlay *overlays;
	size_t overlay_count;
	struct ps_bytes dictionary;
	size_t total;  /* octets of all files so far */
	size_t errors; /* that the diagnostics held before */
	struct ps_source sources[FILES_MAX];
	struct ps_document documents[FILES_MAX];
	uint32_t nodes;
};

static enum ps_status no_memory(struct loading *loading)
{
	return ps_error_set(loading->err, PS_NO_MEMORY, "out of memory");
}

/* --- one file ----------------------------------------------------------------------- */

static bool is_hidden_break(uint32_t character)
{
	return character == 0x85 || character == 0x2028 || character == 0x2029;
}

static bool may_stand(uint32_t character, bool valid)
{
	return valid && !ps_character_is_control(character) &&
	       !ps_character_is_hidden(character) && !ps_character_is_none(character);
}

static void report_character(
    struct loading *loading, struct ps_span span, uint32_t character, bool valid)
{
	if (!valid) {
		ps_report(loading->diagnostics, PS_CODE_NOT_UTF8, span,
		    "the byte %02X here is not UTF-8", (unsigned)character & 0xffu);
		ps_report_hint(loading->diagnostics, "save the file as UTF-8");
	} else if (ps_character_is_hidden(character)) {
		ps_report(loading->diagnostics, PS_CODE_HIDDEN, span,
		    "an invisible %s, U+%04X, stands here",
		    is_hidden_break(character) ? "line break" : "character", (unsigned)character);
		ps_report_hint(loading->diagnostics, "delete it and type the text anew");
	} else {
		ps_report(loading->diagnostics, PS_CODE_CONTROL, span,
		    "the control character U+%04X stands here", (unsigned)character);
		ps_report_hint(loading->diagnostics, "delete it");
	}
}

/* The reader of YAML may then take every character as it comes. */
static bool check_characters(struct loading *loading, const struct ps_source *source)
{
	size_t pos = 0;

	while (pos < source->text.len) {
		size_t start = pos;
		uint32_t character;
		bool valid = ps_utf8_next(source->text, &pos, &character);

		if (may_stand(character, valid))
			continue;
		report_character(loading, ps_source_at(source, start), character, valid);
		return false;
	}
	return true;
}

static struct ps_bytes without_mark(struct ps_bytes text)
{
	if (text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0)
		return ps_bytes_of(text.ptr + 3, text.len - 3);
	return text;
}

/* Reads one file's text into the next document. name and text live as long as
 * the loading; the policy keeps name. */
static enum ps_status add_text(struct loading *loading, const char *name, struct ps_bytes text)
{
	struct ps_policy *policy = loading->policy;
	struct ps_source *source = &loading->sources[policy->file_count];
	struct ps_document *document = &loading->documents[policy->file_count];
	struct ps_yaml_reading reading = {
	    &loading->scratch, loading->diagnostics, loading->nodes};
	struct ps_binder binder = {.arena = &loading->scratch,
	    .diagnostics = loading->diagnostics,
	    .root = &ps_value_document};
	struct ps_yaml_node *root = NULL;

	if (ps_source_init(source, name, without_mark(text), &loading->scratch) != PS_OK)
		return no_memory(loading);
	source->skipped = text.len - source->text.len;
	policy->files[policy->file_count++] = name;
	loading->total += text.len;
	if (!check_characters(loading, source)) {
		source->cut = true;
		return PS_OK;
	}
	if (ps_yaml_read(&root, source, &reading) != PS_OK)
		return no_memory(loading);
	if (source->cut && source->text.len > 0 &&
	    memchr(source->text.ptr, '\t', source->text.len) != NULL &&
	    ps_fix_tabs(loading->diagnostics, source) != PS_OK)
		return no_memory(loading);
	loading->nodes = reading.nodes;
	ps_document_bind(document, &binder, source, root);
	if (binder.status == PS_OK && source->broken.line > 0 &&
	    ps_yaml_read_rest(source, &reading) != PS_OK)
		return no_memory(loading);
	return binder.status == PS_OK ? PS_OK : no_memory(loading);
}

/* A source that says nothing stands for a file that could not be read. */
static enum ps_status add_unread(struct loading *loading, const char *name)
{
	struct ps_source *source = &loading->sources[loading->policy->file_count];

	if (ps_source_init(source, name, ps_bytes_of(NULL, 0), &loading->scratch) != PS_OK)
		return no_memory(loading);
	source->cut = true;
	loading->policy->files[loading->policy->file_count++] = name;
	return PS_OK;
}

static enum ps_status refuse_size(struct loading *loading, const char *name)
{
	ps_report_file(loading->diagnostics, PS_CODE_TOO_LARGE, name,
	    "the file is larger than %zu bytes", FILE_SIZE_MAX);
	ps_report_hint(loading->diagnostics, "long lists of names belong into a feed");
	return add_unread(loading, name);
}

static enum ps_status add_file(struct loading *loading, const char *name)
{
	struct ps_buffer buffer;
	struct ps_bytes text;
	struct ps_error err;
	enum ps_status status;

	ps_buffer_init(&buffer, FILE_SIZE_MAX);
	ps_error_clear(&err);
	status = ps_compile_read(
	    loading->overlays, loading->overlay_count, name, &buffer, &err);
	if (status == PS_OK) {
		/* Messages show its lines until the end. */
		text.len = buffer.len;
		text.ptr = ps_arena_copy(&loading->scratch, ps_buffer_bytes(&buffer));
		ps_buffer_clear(&buffer);
		return text.ptr != NULL ? add_text(loading, name, text) : no_memory(loading);
	}
	ps_buffer_clear(&buffer);
	if (status == PS_NO_MEMORY)
		return no_memory(loading);
	if (status == PS_LIMIT)
		return refuse_size(loading, name);
	ps_report_file(loading->diagnostics, PS_CODE_UNREADABLE, name, "the file cannot be read");
	ps_report_hint(loading->diagnostics, "%s%s%s", err.text, err.sys_errno != 0 ? ": " : "",
	    err.sys_errno != 0 ? strerror(err.sys_errno) : "");
	return add_unread(loading, name);
}

/* --- a folder --------------------------------------------------------------------------- */

/* The policy files of a folder and of the folders in it, at most one more than may be. */
struct names {
	const char *names[FILES_MAX + 1];
	size_t count;
};

/* One folder that is being listed. */
struct listing {
	const char *folder;
	struct names *names;
	size_t found; /* policy files in this folder itself */
	bool within;  /* it is a folder of the policy's own: no deeper */
};

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name);
	size_t suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

static const char *join(struct loading *loading, const char *folder, const char *name)
{
	size_t folder_len = strlen(folder);
	size_t size;
	char *joined;

	while (folder_len > 1 && folder[folder_len - 1] == '/')
		folder_len--;
	size = folder_len + strlen(name) + 2;
	joined = ps_arena_alloc(&loading->policy->arena, size);
	if (joined != NULL)
		(void)snprintf(joined, size, "%.*s%s%s", (int)folder_len, folder,
		    folder[folder_len - 1] == '/' ? "" : "/", name);
	return joined;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A YAML file that somebody may believe to be part of the policy. */
static void warn_file_name(struct loading *loading, const char *folder, const char *name)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	ps_report_file(loading->diagnostics, PS_CODE_FILE_NAME, path,
	    "the file is not read: policy files are named *%s", FILE_SUFFIX);
	ps_report_hint(loading->diagnostics, "rename it if it belongs to the policy");
}

static enum ps_status list_folder(struct loading *loading, struct listing *listing);

static enum ps_status take_file(
    struct loading *loading, struct listing *listing, const char *name)
{
	struct names *names = listing->names;

	listing->found++;
	if (names->count > FILES_MAX)
		return PS_OK;
	names->names[names->count] = join(loading, listing->folder, name);
	return names->names[names->count++] != NULL ? PS_OK : no_memory(loading);
}

/* Follows links, as whoever opens a file does. */
static bool is_folder(const char *path, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
		return entry->d_type == DT_DIR;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum ps_status take_entry(
    struct loading *loading, struct listing *listing, const struct dirent *entry)
{
	struct listing inner = {.names = listing->names, .within = true};

	if (entry->d_name[0] == '.')
		return PS_OK;
	if (ends_with(entry->d_name, FILE_SUFFIX))
		return take_file(loading, listing, entry->d_name);
	if (listing->within)
		return PS_OK;
	inner.folder = join(loading, listing->folder, entry->d_name);
	if (inner.folder == NULL)
		return no_memory(loading);
	return is_folder(inner.folder, entry) ? list_folder(loading, &inner) : PS_OK;
}

/* A folder without policy files is somebody else's: what it holds is no mistake. */
static void warn_file_names(struct loading *loading, const struct listing *listing, DIR *dir)
{
	struct dirent *entry;

	if (listing->within && listing->found == 0)
		return;
	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && !ends_with(entry->d_name, FILE_SUFFIX) &&
		    (ends_with(entry->d_name, ".yaml") || ends_with(entry->d_name, ".yml")))
			warn_file_name(loading, listing->folder, entry->d_name);
}

static enum ps_status list_folder(struct loading *loading, struct listing *listing)
{
	enum ps_status status = PS_OK;
	struct dirent *entry;
	DIR *dir;

	ps_error_at(loading->err, listing->folder, 0, 0, UINT64_MAX);
	dir = opendir(listing->folder);
	if (dir == NULL)
		return errno == ENOMEM
		           ? no_memory(loading)
		           : ps_error_set(loading->err, PS_IO, "cannot open the folder");
	while (status == PS_OK) {
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL) {
			ps_error_at(loading->err, listing->folder, 0, 0, UINT64_MAX);
			if (errno != 0)
				status = ps_error_set(
				    loading->err, PS_IO, "cannot read the folder");
			break;
		}
		status = take_entry(loading, listing, entry);
	}
	if (status == PS_OK)
		warn_file_names(loading, listing, dir);
	closedir(dir);
	return status;
}

static enum ps_status add_folder(struct loading *loading, const char *folder)
{
	struct names names = {.count = 0};
	struct listing listing = {.folder = folder, .names = &names};
	enum ps_status status = list_folder(loading, &listing);

	if (status != PS_OK)
		return status;
	if (names.count == 0) {
		ps_report_file(loading->diagnostics, PS_CODE_EMPTY_FOLDER, folder,
		    "the folder holds no policy file");
		ps_report_hint(
		    loading->diagnostics, "policy files have names that end in %s", FILE_SUFFIX);
		return PS_OK;
	}
	if (names.count > FILES_MAX) {
		ps_report_file(loading->diagnostics, PS_CODE_TOO_MANY, folder,
		    "the folder holds more than %d policy files", FILES_MAX);
		return PS_OK;
	}
	qsort(names.names, names.count, sizeof(const char *), compare_names);
	for (size_t i = 0; i < names.count && status == PS_OK; i++) {
		status = add_file(loading, names.names[i]);
		if (loading->total > POLICY_SIZE_MAX) {
			ps_report_file(loading->diagnostics, PS_CODE_TOO_MANY, folder,
			    "the policy files are larger than %zu bytes together",
			    POLICY_SIZE_MAX);
			break;
		}
	}
	return status;
}

/* --- the whole ------------------------------------------------------------------------- */

static enum ps_status begin(struct loading **out, struct ps_diagnostics *diagnostics,
    struct ps_error *err)
{
	struct loading *loading = calloc(1, sizeof(*loading));

	if (loading == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	loading->policy = calloc(1, sizeof(*loading->policy));
	if (loading->policy == NULL) {
		free(loading);
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	}
	ps_arena_init(&loading->policy->arena, ARENA_MAX);
	ps_arena_init(&loading->scratch, ARENA_MAX);
	loading->diagnostics = diagnostics;
	loading->err = err;
	loading->errors = ps_diagnostics_errors(diagnostics);
	*out = loading;
	return PS_OK;
}

static enum ps_status compile(struct loading *loading)
{
	struct ps_compiler compiler = {
	    .arena = &loading->policy->arena,
	    .scratch = &loading->scratch,
	    .diagnostics = loading->diagnostics,
	    .documents = loading->documents,
	    .sources = loading->sources,
	    .document_count = loading->policy->file_count,
	    .overlays = loading->overlays,
	    .overlay_count = loading->overlay_count,
	    .dictionary = loading->dictionary,
	};

	if (loading->policy->file_count == 0)
		return PS_OK;
	if (ps_compile(&compiler, &loading->policy->plan) != PS_OK)
		return no_memory(loading);
	return PS_OK;
}

/* Compiles what was read, unless reading failed, and gives the policy out when
 * there is no error in it. Frees the loading. */
static enum ps_status finish(
    struct loading *loading, enum ps_status status, struct ps_policy **out)
{
	if (status == PS_OK)
		status = compile(loading);
	if (status == PS_OK && ps_diagnostics_status(loading->diagnostics) != PS_OK)
		status = no_memory(loading);
	ps_diagnostics_sort(loading->diagnostics);
	if (status == PS_OK && ps_diagnostics_errors(loading->diagnostics) > loading->errors)
		status = ps_error_set(loading->err, PS_INVALID, "the policy has errors");
	if (status == PS_OK)
		*out = loading->policy;
	else
		ps_policy_destroy(loading->policy);
	ps_arena_clear(&loading->scratch);
	free(loading);
	return status;
}

enum ps_status ps_policy_load(struct ps_policy **out, const char *path,
    struct ps_diagnostics *diagnostics, struct ps_error *err)
{
	return ps_policy_load_with(
	    out, path, NULL, 0, ps_bytes_of(NULL, 0), diagnostics, err);
}

enum ps_status ps_policy_load_with(struct ps_policy **out, const char *path,
    const struct ps_overlay *overlays, size_t overlay_count, struct ps_bytes dictionary,
    struct ps_diagnostics *diagnostics,
    struct ps_error *err)
{
	struct loading *loading;
	struct stat st;
	enum ps_status status;

	ps_error_at(err, path, 0, 0, UINT64_MAX);
	if (stat(path, &st) != 0)
		return ps_error_set(err, errno == ENOENT ? PS_NOT_FOUND : PS_IO, "%s",
		    errno == ENOENT ? "no such file or folder" : "cannot be read");
	status = begin(&loading, diagnostics, err);
	if (status != PS_OK)
		return status;
	loading->overlays = overlays;
	loading->overlay_count = overlay_count;
	loading->dictionary = dictionary;
	if (S_ISDIR(st.st_mode)) {
		status = add_folder(loading, path);
	} else {
		const char *name =
		    ps_arena_text(&loading->policy->arena, ps_bytes_of_text(path));

		status = name != NULL ? add_file(loading, name) : no_memory(loading);
	}
	return finish(loading, status, out);
}

enum ps_status ps_policy_parse(struct ps_policy **out, const char *name, struct ps_bytes text,
    struct ps_diagnostics *diagnostics, struct ps_error *err)
{
	struct loading *loading;
	const char *kept;
	enum ps_status status = begin(&loading, diagnostics, err);

	if (status != PS_OK)
		return status;
	kept = ps_arena_text(&loading->policy->arena, ps_bytes_of_text(name));
	if (kept == NULL)
		status = no_memory(loading);
	else if (text.len > FILE_SIZE_MAX)
		status = refuse_size(loading, kept);
	else
		status = add_text(loading, kept, text);
	return finish(loading, status, out);
}

void ps_policy_destroy(struct ps_policy *policy)
{
	if (policy == NULL)
		return;
	ps_arena_clear(&policy->arena);
	free(policy);
}

const struct ps_plan *ps_policy_plan(const struct ps_policy *policy)
{
	return &policy->plan;
}

size_t ps_policy_file_count(const struct ps_policy *policy)
{
	return policy->file_count;
}

const char *ps_policy_file(const struct ps_policy *policy, size_t index)
{
	return index < policy->file_count ? policy->files[index] : NULL;
}
