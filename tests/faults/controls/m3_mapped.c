/* Negative control of RELIABILITY M3: the loader that everybody writes first. It maps the
 * file itself and verifies the mapping; who truncates the file then kills the resolver, and
 * who writes into it changes its mind. Stands in for module/snapshot/load.c. */
#include "core/file.h"
#include "snapshot/image.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum ps_status ps_snapshot_load(struct ps_snapshot **out, const char *path,
    enum ps_snapshot_part part, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	struct stat st;
	void *map;
	int fd;
	enum ps_status status = ps_file_open(path, &fd, err);

	if (status != PS_OK)
		return status;
	if (fstat(fd, &st) != 0 || st.st_size < PS_HEADER_SIZE) {
		close(fd);
		return ps_error_set(err, PS_INVALID, "is no snapshot");
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return ps_error_set(err, PS_IO, "cannot map");
	status = ps_snapshot_open(&snapshot, ps_bytes_of(map, (size_t)st.st_size), part, err);
	if (status != PS_OK) {
		(void)munmap(map, (size_t)st.st_size);
		return status;
	}
	snapshot->mapping = map;
	snapshot->mapping_len = (size_t)st.st_size;
	*out = snapshot;
	return PS_OK;
}
