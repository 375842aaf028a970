/* libFuzzer on open, read and verify (make fuzz). The first byte of the input says whether the
 * checksums of header and table of contents are repaired, so that the fuzzer gets past them. */
#include "common/artifact/artifact.h"
#include "common/artifact/format.h"
#include "common/base/buf.h"
#include "common/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Makes checksums, and sizes if the table of contents is within the file, agree with the bytes. */
static void repair(unsigned char *file, size_t size) {
    if (size < HEADER_SIZE + TRAILER_SIZE) return;
    uint64_t contents = get_u64(file + 32);
    put_u64(file + 24, size);
    trailer_encode(size, file + size - TRAILER_SIZE);
    if (contents >= HEADER_SIZE && contents <= size - TRAILER_SIZE) {
        uint64_t contents_size = size - TRAILER_SIZE - contents;
        put_u64(file + 40, contents_size);
        put_u64(file + 48, format_checksum(file + contents, contents_size));
    }
    put_u64(file + 56, format_checksum(file, 56));
}

/* Bounded, as a small file may honestly hold a large column. What verify finds good can be read. */
static void read_column(const struct artifact *a, const struct column_info *info, bool good) {
    enum { LIMIT = 1 << 22 };
    if (info->raw_size > LIMIT) return;
    struct error err = {0};
    enum status status;
    if (info->dtype == DTYPE_STR) {
        AUTO(strings) struct strings texts = {0};
        status = artifact_read_strings(a, info->name, info->count, &texts, &err);
        if (status == STATUS_OK && texts.count != info->count) abort();
    } else {
        MEM_AUTO void *values = NULL;
        status = artifact_read(a, info->name, info->dtype, info->count, &values, &err);
    }
    if (good && status != STATUS_OK) abort();
    if (info->count == 0 || info->dtype == DTYPE_STR) return;
    uint64_t last[1];
    status = artifact_read_range(a, info->name, info->dtype, info->count - 1, 1, last, &err);
    if (good && status != STATUS_OK) abort();
}

static void read_all(const struct artifact *a, bool good) {
    for (size_t i = 0; i < artifact_n_columns(a); i++)
        read_column(a, artifact_column_at(a, i), good);
}

/* Again with the kind that the file says it has, so that values are checked on reading. */
static void read_as_its_kind(const char *path, const char *kind, bool good) {
    struct artifact *a;
    struct error err = {0};
    if (artifact_open(&a, path, kind, &err) == STATUS_OK) {
        read_all(a, good);
        artifact_close(a);
    } else if (good) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int memory = -1;
    static char path[32];
    if (memory < 0) {
        memory = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
    }
    if (size == 0) return 0;
    unsigned char *file = malloc(size);
    if (file == NULL) return 0;
    memcpy(file, data + 1, size - 1);
    if (data[0] & 1) repair(file, size - 1);
    bool written = ftruncate(memory, (off_t)size - 1) == 0 &&
                   pwrite(memory, file, size - 1, 0) == (ssize_t)size - 1;
    free(file);
    if (!written) return 0;

    AUTO(buf) struct buf report = {0};
    struct artifact *a;
    struct error err = {0};
    unsigned faults = artifact_verify(path, &report);
    if ((faults == 0) != (report.size == 0)) abort();
    enum status status = artifact_open(&a, path, NULL, &err);
    if (status != STATUS_OK) {
        if (faults == 0 || err.text[0] == '\0') abort(); /* verify must be the stricter one */
        return 0;
    }
    read_all(a, faults == 0);
    read_as_its_kind(path, artifact_kind(a), faults == 0);
    artifact_close(a);
    return 0;
}
