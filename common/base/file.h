/* Files: reading whole, replacing atomically. */
#ifndef MARQUEE_BASE_FILE_H
#define MARQUEE_BASE_FILE_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Appends the whole file to `out`. */
enum status file_read(const char *path, struct buf *out, struct error *err);

/* A file read through mmap; `data` is NULL when size is 0. */
struct file_map {
    const unsigned char *data;
    uint64_t size;
};
enum status file_map_open(struct file_map *out, const char *path, struct error *err);
void file_map_release(struct file_map *map);
/* Says that these bytes will hardly be read again, so that they need not count as memory in use. */
void file_map_done(const struct file_map *map, uint64_t offset, uint64_t size);

bool file_exists(const char *path);
/* Creates a folder and its missing parents. */
enum status file_make_directory(const char *path, struct error *err);

/* Atomic replacement: write to `<path>.part` in the same folder, then fsync, rename and fsync of
 * the folder. Several processes may do so with the same path: the part is locked, and a process
 * that finds it locked writes to `<path>.2.part` and so on; the last to commit wins. If the
 * finished bytes equal the file that is already there, that file is left untouched (its
 * modification time too), so that make sees no change where there is none. A device, pipe or folder
 * of that name is refused.
 *
 *     struct file_writer w;
 *     file_writer_open(&w, path, err);
 *     fwrite(..., w.stream);
 *     file_writer_commit(&w, err);  or  file_writer_abandon(&w);  both close and clear
 */
struct file_writer {
    FILE *stream;
    char *path;
    char *part;
};
enum status file_writer_open(struct file_writer *w, const char *path, struct error *err);
enum status file_writer_commit(struct file_writer *w, struct error *err);
void file_writer_abandon(struct file_writer *w); /* also for a writer that was never opened */

#endif
