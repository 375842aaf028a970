/* Columns and artifacts in other programs' formats. */
#ifndef MARQUEE_INSPECT_COLUMN_EXPORT_H
#define MARQUEE_INSPECT_COLUMN_EXPORT_H

#include "common/artifact/artifact.h"

#include <stdio.h>

/* The whole artifact, or one column's values as nested arrays if `info` is not NULL. */
enum status export_json(const struct artifact *a, const struct column_info *info, FILE *out,
                        struct error *err);

/* A heading and one line per row; further dimensions become columns NAME.0, NAME.1, ... */
enum status export_csv(const struct artifact *a, const struct column_info *info, FILE *out,
                       struct error *err);

/* NumPy's format, version 1.0; numeric columns only. */
enum status export_npy(const struct artifact *a, const struct column_info *info, FILE *out,
                       struct error *err);

#endif
