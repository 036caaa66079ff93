#include "unbound/host.h"

#include "unbound/compat.h"

#include <link.h>
#include <stdio.h>
#include <string.h>

struct search {
	uintptr_t anchor; /* an address inside the host's image */
	const char *package;
	const char *configure;
	bool package_found;
	bool configure_found;
	char other[32]; /* the version that stands there instead */
};

/* "unbound 1." and digits and dots, up to a NUL. */
static void note_version(struct search *search, const char *text, size_t len)
{
	size_t used = 0;

	for (; used < len && used + 1 < sizeof(search->other) && text[used] != '\0'; used++)
		search->other[used] = text[used];
	search->other[used] = '\0';
}

/* Where needle (of size octets) stands in [start, start + len), or NULL. Our own loop,
 * because a build under AddressSanitizer must not look at the host's red zones with
 * an intercepted memmem(); a megabyte or two, once. */
#if defined(__has_attribute)
#if __has_attribute(no_sanitize)
__attribute__((no_sanitize("address")))
#endif
#endif
static const char *
find(const char *start, size_t len, const char *needle, size_t size)
{
	for (; len >= size; start++, len--) {
		size_t same = 0;

		while (same < size && start[same] == needle[same])
			same++;
		if (same == size)
			return start;
	}
	return NULL;
}

static void search_segment(struct search *search, const char *start, size_t len)
{
	static const char stem[] = "unbound 1.";
	const char *at = start;
	const char *end = start + len;

	/* With their NULs: "unbound 1.2" must not be found in "unbound 1.22". */
	if (find(start, len, search->package, strlen(search->package) + 1) != NULL)
		search->package_found = true;
	if (find(start, len, search->configure, strlen(search->configure) + 1) != NULL)
		search->configure_found = true;
	if (search->package_found)
		return;
	at = find(at, (size_t)(end - at), stem, sizeof(stem) - 1);
	if (at != NULL)
		note_version(search, at, (size_t)(end - at));
}

static bool holds_anchor(const struct dl_phdr_info *info, uintptr_t anchor)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_LOAD && anchor >= start && anchor < start + p->p_memsz)
			return true;
	}
	return false;
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;

	(void)size;
	if (!holds_anchor(info, search->anchor))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		/* Readable and not writable: constants, and nothing that changes. */
		if (p->p_type == PT_LOAD && (p->p_flags & (PF_R | PF_W)) == PF_R)
			search_segment(search,
			    (const char *)(info->dlpi_addr + p->p_vaddr), p->p_filesz);
	}
	return 1;
}

bool ps_host_is_ours(char *found, size_t size)
{
	struct search search = {
	    .anchor = (uintptr_t)&msg_cache_remove,
	    .package = PS_HOST_PACKAGE,
	    .configure = PS_HOST_CONFIGURE,
	};

	(void)dl_iterate_phdr(visit, &search);
	if (search.package_found && search.configure_found)
		return true;
	if (search.package_found)
		(void)snprintf(found, size, "%s with another configure line", PS_HOST_PACKAGE);
	else
		(void)snprintf(found, size, "%s",
		    search.other[0] != '\0' ? search.other : "of a version that it does not tell");
	return false;
}
