/* Makes damaged artifacts out of good ones, for tests/golden/damaged (make golden).
 *
 *   forge SOURCE OUTPUT EDIT...
 *
 * Edits, in order; POSITION is a number, `contents+N` or `end-N`:
 *   flip:POSITION:BIT   set:POSITION:HEX   insert:POSITION:HEX   cut:SIZE   append:HEX
 *   seal[:INSERTED]     make sizes and checksums right again; INSERTED bytes were put before the
 *                       table of contents
 *   reseal              make the header's checksum alone right again */
#include "common/artifact/format.h"
#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t position(const struct buf *file, const char *text) {
    if (strncmp(text, "contents+", 9) == 0)
        return get_u64((unsigned char *)file->data + 32) + strtoull(text + 9, NULL, 10);
    if (strncmp(text, "end-", 4) == 0) return file->size - strtoull(text + 4, NULL, 10);
    return strtoull(text, NULL, 10);
}

static size_t parse_hex(const char *text, unsigned char *out, size_t capacity) {
    size_t size = 0;
    for (unsigned byte; size < capacity && sscanf(text + 2 * size, "%2x", &byte) == 1; size++)
        out[size] = (unsigned char)byte;
    return size;
}

static void seal_header(unsigned char *bytes) {
    put_u64(bytes + 56, format_checksum(bytes, 56));
}

static void seal(struct buf *file, uint64_t inserted) {
    unsigned char *bytes = (unsigned char *)file->data;
    uint64_t contents = get_u64(bytes + 32) + inserted;
    uint64_t size = file->size - TRAILER_SIZE - contents;
    put_u64(bytes + 24, file->size);
    put_u64(bytes + 32, contents);
    put_u64(bytes + 40, size);
    put_u64(bytes + 48, format_checksum(bytes + contents, size));
    trailer_encode(file->size, bytes + file->size - TRAILER_SIZE);
    seal_header(bytes);
}

static enum status insert(struct buf *file, size_t at, const unsigned char *bytes, size_t size,
                          struct error *err) {
    AUTO(buf) struct buf rest = {0};
    TRY(buf_append(&rest, file->data + at, file->size - at, err));
    file->size = at;
    TRY(buf_append(file, bytes, size, err));
    return buf_append(file, rest.data, rest.size, err);
}

static enum status edit(struct buf *file, char *text, struct error *err) {
    unsigned char hex[64];
    const char *what = strtok(text, ":"), *where = strtok(NULL, ":"), *how = strtok(NULL, ":");
    size_t at = where == NULL ? 0 : position(file, where);
    size_t size = how == NULL ? 0 : parse_hex(how, hex, sizeof(hex));
    if (strcmp(what, "seal") == 0) {
        seal(file, at);
    } else if (strcmp(what, "reseal") == 0) {
        seal_header((unsigned char *)file->data);
    } else if (strcmp(what, "cut") == 0 && at <= file->size) {
        file->size = at;
    } else if (strcmp(what, "append") == 0) {
        size = parse_hex(where, hex, sizeof(hex));
        return buf_append(file, hex, size, err);
    } else if (strcmp(what, "flip") == 0 && at < file->size) {
        file->data[at] = (char)(file->data[at] ^ (1 << atoi(how)));
    } else if (strcmp(what, "set") == 0 && at + size <= file->size) {
        memcpy(file->data + at, hex, size);
    } else if (strcmp(what, "insert") == 0 && at <= file->size) {
        return insert(file, at, hex, size, err);
    } else {
        return error_set(err, STATUS_USAGE, "unknown edit, or out of the file: %s", what);
    }
    return STATUS_OK;
}

static enum status forge(int argc, char **argv, struct error *err) {
    AUTO(buf) struct buf file = {0};
    struct file_writer w;
    TRY(file_read(argv[1], &file, err));
    for (int i = 3; i < argc; i++)
        TRY(edit(&file, argv[i], err));
    TRY(file_writer_open(&w, argv[2], err));
    fwrite(file.data, 1, file.size, w.stream);
    return file_writer_commit(&w, err);
}

int main(int argc, char **argv) {
    struct error err = {0};
    if (argc < 3) return STATUS_USAGE;
    enum status status = forge(argc, argv, &err);
    if (status != STATUS_OK) fprintf(stderr, "forge: %s\n", err.text);
    return (int)status;
}
