#include "common/base/json.h"

#include "common/base/file.h"

enum status json_write_file(const char *path, const json_t *json, size_t flags, struct error *err) {
    struct file_writer w;
    TRY(file_writer_open(&w, path, err));
    if (json_dumpf(json, w.stream, flags) != 0 || fputc('\n', w.stream) == EOF) {
        file_writer_abandon(&w);
        return error_set(err, STATUS_FAILED, "%s: cannot be written", path);
    }
    return file_writer_commit(&w, err);
}
