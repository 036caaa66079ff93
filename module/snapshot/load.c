/* Copies a file into sealed memory and opens the copy. */
#include "core/file.h"
#include "core/pace.h"
#include "snapshot/image.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3; older kernels say EINVAL */
#endif

#define COPY_STEP 65536u /* on the stack: threads of ours have more */

static int make_memory(void)
{
	int fd = memfd_create("postshield-snapshot",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("postshield-snapshot", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

static ssize_t read_at(int fd, void *to, size_t len, uint64_t offset)
{
	ssize_t got;

	do {
		got = pread(fd, to, len, (off_t)offset);
	} while (got < 0 && errno == EINTR);
	return got;
}

/* How much to copy. The header and the file's length are checked here so that no
 * memory is filled with a file that is no snapshot; and again in the copy, because
 * the file may be another one by then. */
static enum ps_status length_to_copy(
    int fd, enum ps_snapshot_part part, uint64_t *len, struct ps_error *err)
{
	uint8_t header[PS_HEADER_SIZE];
	struct ps_snapshot probe = {.part = PS_SNAPSHOT_WHOLE};
	struct stat st;
	ssize_t got;
	enum ps_status status;

	if (fstat(fd, &st) != 0)
		return ps_error_set(err, PS_IO, "cannot read its properties");
	got = read_at(fd, header, sizeof(header), 0);
	if (got < 0)
		return ps_error_set(err, PS_IO, "cannot read its header");
	probe.bytes = ps_bytes_of(header, (size_t)got);
	status = ps_image_verify_header(&probe, (uint64_t)st.st_size, err);
	if (status == PS_OK)
		*len = part == PS_SNAPSHOT_LOOKUP ? probe.lookup_len : probe.file_len;
	return status;
}

static enum ps_status write_all(int fd, const uint8_t *from, size_t len, struct ps_error *err)
{
	while (len > 0) {
		ssize_t put = write(fd, from, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return ps_error_set(err, PS_IO, "cannot copy it into memory");
		from += put;
		len -= (size_t)put;
	}
	return PS_OK;
}

/* Through a buffer that stays in the cache: as fast as sendfile(2) into a memfd
 * (67 ms for 170 MiB), and nobody has to know whether a kernel might share pages
 * between the two. */
static enum ps_status copy(int to, int from, uint64_t len, struct ps_error *err)
{
	uint8_t piece[COPY_STEP];

	for (uint64_t offset = 0; offset < len;) {
		uint64_t left = len - offset;
		ssize_t got =
		    read_at(from, piece, left < COPY_STEP ? (size_t)left : COPY_STEP, offset);
		enum ps_status status;

		if (got < 0)
			return ps_error_set(err, PS_IO, "cannot read");
		if (got == 0) {
			ps_error_at(err, NULL, 0, 0, offset);
			return ps_error_set(err, PS_INVALID, "became shorter while it was read");
		}
		status = write_all(to, piece, (size_t)got, err);
		if (status != PS_OK)
			return status;
		offset += (uint64_t)got;
		ps_pace();
	}
	return PS_OK;
}

/* Seals the copy, so that not even we can change it, and maps it. The verifier is the first
 * to touch its pages: to have the kernel do it here would be one long call. */
static enum ps_status seal_and_map(int fd, size_t len, void **mapping, struct ps_error *err)
{
	void *map;

	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
		return ps_error_set(err, PS_IO, "cannot seal the copy in memory");
	map = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return ps_error_set(
		    err, errno == ENOMEM ? PS_NO_MEMORY : PS_IO, "cannot map the copy in memory");
	*mapping = map;
	return PS_OK;
}

static enum ps_status copy_sealed(int fd, enum ps_snapshot_part part, void **mapping,
    size_t *mapping_len, struct ps_error *err)
{
	uint64_t len = 0;
	int memory;
	enum ps_status status = length_to_copy(fd, part, &len, err);

	if (status != PS_OK)
		return status;
	memory = make_memory();
	if (memory < 0)
		return ps_error_set(err, PS_IO, "cannot make a file in memory (memfd_create)");
	status = copy(memory, fd, len, err);
	if (status == PS_OK)
		status = seal_and_map(memory, (size_t)len, mapping, err);
	if (status == PS_OK)
		*mapping_len = (size_t)len;
	close(memory);
	return status;
}

enum ps_status ps_snapshot_load(struct ps_snapshot **out, const char *path,
    enum ps_snapshot_part part, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	void *mapping = NULL;
	size_t len = 0;
	int fd;
	enum ps_status status = ps_file_open(path, &fd, err);

	if (status != PS_OK)
		return status;
	status = copy_sealed(fd, part, &mapping, &len, err);
	close(fd);
	if (status != PS_OK)
		return status;
	status = ps_snapshot_open(&snapshot, ps_bytes_of(mapping, len), part, err);
	if (status != PS_OK) {
		(void)munmap(mapping, len);
		return status;
	}
	snapshot->mapping = mapping;
	snapshot->mapping_len = len;
	*out = snapshot;
	return PS_OK;
}
