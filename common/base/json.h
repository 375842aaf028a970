/* JSON documents (jansson) as files. */
#ifndef MARQUEE_BASE_JSON_H
#define MARQUEE_BASE_JSON_H

#include "common/base/error.h"

#include <jansson.h>
#include <stddef.h>

/* Replaces the file at `path` by the document and a line end, as file_writer does. `flags` are
 * jansson's, such as JSON_INDENT(2). */
enum status json_write_file(const char *path, const json_t *json, size_t flags, struct error *err);

#endif
