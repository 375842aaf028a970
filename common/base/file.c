#include "common/base/file.h"

#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_SIZE = 1 << 16 };

enum status file_read(const char *path, struct buf *out, struct error *err) {
    FILE *stream = fopen(path, "rb");
    if (!stream) return error_errno(err, "%s: cannot be opened", path);
    MEM_AUTO char *block = NULL;
    enum status status = MEM_NEW(&block, READ_SIZE, err);
    while (status == STATUS_OK) {
        const size_t size = fread(block, 1, READ_SIZE, stream);
        if (size == 0) break;
        status = buf_append(out, block, size, err);
    }
    if (status == STATUS_OK && ferror(stream)) {
        status = error_errno(err, "%s: cannot be read", path);
    }
    (void)fclose(stream);
    return status;
}

enum status file_map_open(struct file_map *out, const char *path, struct error *err) {
    *out = (struct file_map){0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_errno(err, "%s: cannot be opened", path);
    struct stat info;
    enum status status = STATUS_OK;
    if (fstat(fd, &info) != 0) {
        status = error_errno(err, "%s: cannot be read", path);
    } else if (!S_ISREG(info.st_mode)) {
        status = error_set(err, STATUS_FAILED, "%s: is not a regular file", path);
    } else if (info.st_size > 0) {
        void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED) {
            status = error_errno(err, "%s: cannot be mapped", path);
        } else {
            *out = (struct file_map){.data = data, .size = (uint64_t)info.st_size};
        }
    }
    (void)close(fd);
    return status;
}

void file_map_release(struct file_map *map) {
    if (map->data) (void)munmap((void *)(uintptr_t)map->data, map->size);
    *map = (struct file_map){0};
}

void file_map_done(const struct file_map *map, uint64_t offset, uint64_t size) {
    enum { GRAIN = 1 << 16 }; /* whole pages, of any size */
    uint64_t first = (offset + GRAIN - 1) / GRAIN * GRAIN;
    uint64_t end = (offset + size) / GRAIN * GRAIN;
    if (first >= end || end > map->size) return;
    (void)madvise((void *)(uintptr_t)(map->data + first), end - first, MADV_DONTNEED);
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

static bool is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

enum status file_make_directory(const char *path, struct error *err) {
    AUTO(buf) struct buf part = {0};
    TRY(buf_puts(&part, path, err));
    for (size_t i = 1; i <= part.size; i++) {
        const char kept = part.data[i];
        if (kept != '/' && kept != '\0') continue;
        part.data[i] = '\0';
        if (mkdir(part.data, 0777) != 0 && !(errno == EEXIST && is_directory(part.data))) {
            return error_errno(err, "%s: folder cannot be made", part.data);
        }
        part.data[i] = kept;
    }
    return STATUS_OK;
}

/* A rename is durable only once the folder that holds the name is. */
static enum status sync_folder_of(const char *path, struct error *err) {
    AUTO(buf) struct buf folder = {0};
    const char *slash = strrchr(path, '/');
    if (!slash) {
        TRY(buf_puts(&folder, ".", err));
    } else {
        TRY(buf_append(&folder, path, slash == path ? 1 : (size_t)(slash - path), err));
    }
    const int fd = open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return error_errno(err, "%s: cannot be opened", folder.data);
    /* Some file systems cannot sync a folder and say EINVAL; the rename still happened. */
    const bool failed = fsync(fd) != 0 && errno != EINVAL && errno != EROFS;
    enum status status =
        failed ? error_errno(err, "%s: folder cannot be synced", folder.data) : STATUS_OK;
    (void)close(fd);
    return status;
}

static enum status join(char **out, const char *path, const char *suffix, struct error *err) {
    const size_t size = strlen(path), more = strlen(suffix) + 1;
    TRY(mem_alloc(out, size + more, 1, err));
    memcpy(*out, path, size);
    memcpy(*out + size, suffix, more);
    return STATUS_OK;
}

/* A rename would put a file in the place of a device or a pipe: /dev/null would be gone for all. */
static enum status check_replaceable(const char *path, struct error *err) {
    struct stat info;
    if (path[0] == '\0') return error_set(err, STATUS_FAILED, "\"\": is no name of a file");
    if (lstat(path, &info) != 0 || S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "%s: is not a regular file, and is not replaced", path);
}

enum status file_writer_open(struct file_writer *w, const char *path, struct error *err) {
    *w = (struct file_writer){0};
    TRY(check_replaceable(path, err));
    enum status status = join(&w->path, path, "", err);
    if (status == STATUS_OK) status = join(&w->part, path, ".part", err);
    if (status == STATUS_OK) {
        w->stream = fopen(w->part, "w+b");
        if (!w->stream) status = error_errno(err, "%s: cannot be written", w->part);
    }
    if (status != STATUS_OK) {
        mem_free(w->path);
        mem_free(w->part);
        *w = (struct file_writer){0};
    }
    return status;
}

/* Whether two files hold the same bytes; false as well when either cannot be read. */
static bool same_bytes(const char *a, const char *b) {
    struct file_map map_a, map_b;
    if (file_map_open(&map_a, a, NULL) != STATUS_OK) return false;
    bool same = false;
    if (file_map_open(&map_b, b, NULL) == STATUS_OK) {
        same = map_a.size == map_b.size &&
               (map_a.size == 0 || memcmp(map_a.data, map_b.data, map_a.size) == 0);
        file_map_release(&map_b);
    }
    file_map_release(&map_a);
    return same;
}

/* Closes w->stream whatever the outcome. */
static enum status finish_part(struct file_writer *w, struct error *err) {
    const bool written =
        !ferror(w->stream) && fflush(w->stream) == 0 && fsync(fileno(w->stream)) == 0;
    enum status status = STATUS_OK;
    if (!written) status = error_errno(err, "%s: cannot be written", w->part);
    if (fclose(w->stream) != 0 && status == STATUS_OK) {
        status = error_errno(err, "%s: cannot be closed", w->part);
    }
    w->stream = NULL;
    return status;
}

enum status file_writer_commit(struct file_writer *w, struct error *err) {
    enum status status = finish_part(w, err);
    if (status == STATUS_OK && !same_bytes(w->part, w->path)) {
        if (rename(w->part, w->path) != 0) {
            status = error_errno(err, "%s: cannot be replaced", w->path);
        } else {
            status = sync_folder_of(w->path, err);
        }
    }
    file_writer_abandon(w); /* removes the part if it is still there */
    return status;
}

void file_writer_abandon(struct file_writer *w) {
    if (w->stream) (void)fclose(w->stream);
    if (w->part) (void)unlink(w->part);
    mem_free(w->path);
    mem_free(w->part);
    *w = (struct file_writer){0};
}
