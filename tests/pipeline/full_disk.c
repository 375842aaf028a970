/* A shim for LD_PRELOAD: while the file that FULL_DISK names exists, nothing can be written to a
 * database's log (a file whose name ends with "-wal"), as if the disk were full. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_full(int file) {
    const char *sign = getenv("FULL_DISK");
    char link[64], path[4096];
    if (sign == NULL || access(sign, F_OK) != 0) return 0;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path);
    return size >= 4 && memcmp(path + size - 4, "-wal", 4) == 0;
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
    static ssize_t (*next)(int, const void *, size_t, off64_t);
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "pwrite64");
    if (!is_full(file)) return next(file, bytes, size, at);
    errno = ENOSPC;
    return -1;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
    return pwrite64(file, bytes, size, at);
}
