#include "common/base/file.h"

#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
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

/* A rename would replace a device or a pipe by a file: /dev/null would be gone for everybody. */
static enum status check_replaceable(const char *path, struct error *err) {
    struct stat info;
    if (path[0] == '\0') return error_set(err, STATUS_FAILED, "\"\": is no name of a file");
    if (lstat(path, &info) != 0 || S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "%s: is not a regular file, and is not replaced", path);
}

enum { MOST_PARTS = 100, MOST_TRIES = 100 };

/* Whether the name still refers to the open file. */
static bool is_named(int fd, const char *name) {
    struct stat open_file, named;
    return fstat(fd, &open_file) == 0 && stat(name, &named) == 0 &&
           open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

/* Opens an empty file that nobody else is writing; it stays locked until it is closed. A file left
 * behind by a killed process is not locked, and is taken over. Returns -1 and errno; EWOULDBLOCK if
 * another process is writing it. A file system without locks is trusted. */
static int open_locked(const char *name) {
    for (int i = 0; i < MOST_TRIES; i++) {
        const int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0) return -1;
        const bool taken = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        /* It may have been renamed or removed before it was locked. */
        const bool ours = !taken && is_named(fd, name);
        if (ours && ftruncate(fd, 0) == 0) return fd;
        const int error = taken ? EWOULDBLOCK : errno;
        (void)close(fd);
        errno = error;
        if (taken || ours) return -1;
    }
    errno = EWOULDBLOCK;
    return -1;
}

static enum status copy_text(char **out, const char *text, struct error *err) {
    const size_t size = strlen(text) + 1;
    TRY(mem_alloc(out, size, 1, err));
    memcpy(*out, text, size);
    return STATUS_OK;
}

/* Several processes may write the same file: each writes a part file of its own. */
static enum status open_part(struct file_writer *w, struct error *err) {
    AUTO(buf) struct buf name = {0};
    int fd = -1;
    for (int i = 1; i <= MOST_PARTS && fd < 0; i++) {
        buf_clear(&name);
        TRY(i == 1 ? buf_printf(&name, err, "%s.part", w->path)
                   : buf_printf(&name, err, "%s.%d.part", w->path, i));
        fd = open_locked(name.data);
        if (fd < 0 && errno != EWOULDBLOCK) break;
    }
    if (fd < 0) return error_errno(err, "%s: cannot be written", name.data);
    enum status status = copy_text(&w->part, name.data, err);
    if (status == STATUS_OK) {
        w->stream = fdopen(fd, "w+b");
        if (w->stream != NULL) return STATUS_OK;
        status = error_errno(err, "%s: cannot be written", name.data);
    }
    (void)unlink(name.data);
    (void)close(fd);
    mem_free(w->part);
    w->part = NULL;
    return status;
}

enum status file_writer_open(struct file_writer *w, const char *path, struct error *err) {
    *w = (struct file_writer){0};
    TRY(check_replaceable(path, err));
    enum status status = copy_text(&w->path, path, err);
    if (status == STATUS_OK) status = open_part(w, err);
    if (status != STATUS_OK) file_writer_abandon(w);
    return status;
}

/* Pages are released piece by piece, because the files may be larger than the memory. */
static bool same_maps(const struct file_map *a, const struct file_map *b) {
    enum { PIECE = 1 << 24 };
    if (a->size != b->size) return false;
    for (uint64_t at = 0; at < a->size; at += PIECE) {
        const uint64_t size = a->size - at < PIECE ? a->size - at : PIECE;
        if (memcmp(a->data + at, b->data + at, size) != 0) return false;
        file_map_done(a, at, size);
        file_map_done(b, at, size);
    }
    return true;
}

/* Whether two files hold the same bytes; false as well when either cannot be read. */
static bool same_bytes(const char *a, const char *b) {
    struct file_map map_a, map_b;
    if (file_map_open(&map_a, a, NULL) != STATUS_OK) return false;
    bool same = false;
    if (file_map_open(&map_b, b, NULL) == STATUS_OK) {
        same = same_maps(&map_a, &map_b);
        file_map_release(&map_b);
    }
    file_map_release(&map_a);
    return same;
}

static enum status finish_part(const struct file_writer *w, struct error *err) {
    const bool written =
        !ferror(w->stream) && fflush(w->stream) == 0 && fsync(fileno(w->stream)) == 0;
    return written ? STATUS_OK : error_errno(err, "%s: cannot be written", w->part);
}

/* The part file stays open, and so locked, as long as it has its name. */
enum status file_writer_commit(struct file_writer *w, struct error *err) {
    enum status status = finish_part(w, err);
    if (status == STATUS_OK && !same_bytes(w->part, w->path)) {
        if (rename(w->part, w->path) != 0) {
            status = error_errno(err, "%s: cannot be replaced", w->path);
        } else {
            mem_free(w->part);
            w->part = NULL; /* the name may be another process's by now */
            status = sync_folder_of(w->path, err);
        }
    }
    file_writer_abandon(w);
    return status;
}

void file_writer_abandon(struct file_writer *w) {
    if (w->part) (void)unlink(w->part);
    if (w->stream) (void)fclose(w->stream);
    mem_free(w->path);
    mem_free(w->part);
    *w = (struct file_writer){0};
}
