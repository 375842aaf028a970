/* Status codes and the error chain.
 *
 * Every function that can fail returns an `enum status` and takes a `struct error *` as its last
 * argument. Libraries never print and never exit: the caller's `struct error` collects one line of
 * text, outermost context first, e.g.
 *     ingest: data/x/ratings.csv:812: rating "5.7" is not a half star between 0.5 and 5.0
 * The status values are the exit codes of the programs. */
#ifndef MARQUEE_BASE_ERROR_H
#define MARQUEE_BASE_ERROR_H

#include <stdarg.h>

enum status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,       /* input, environment or computation */
    STATUS_USAGE = 2,        /* command line */
    STATUS_DAMAGED = 3,      /* damaged or incompatible artifact */
    STATUS_INTERRUPTED = 130 /* SIGINT or SIGTERM */
};

enum { ERROR_TEXT_SIZE = 1024 };

/* A plain value: `struct error err = {0};` is a valid empty error, nothing needs freeing. */
struct error {
    enum status status;
    char text[ERROR_TEXT_SIZE];
};

/* Stores status and message (replacing what was there) and returns `status`, so that
 * `return error_set(err, STATUS_FAILED, "...")` reads naturally. `err` may be NULL. */
enum status error_set(struct error *err, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, with ": " and strerror(errno) appended. */
enum status error_errno(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "context: " in front of the message that `err` holds and returns its status. */
enum status error_wrap(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__
/* The static analyser sees one file at a time and would think that an error may be STATUS_OK. */
#define error_set(err, status, ...) (error_set((err), (status), __VA_ARGS__), (status))
#define error_errno(err, ...)       (error_errno((err), __VA_ARGS__), STATUS_FAILED)
#define error_wrap(err, ...)        (error_wrap((err), __VA_ARGS__), STATUS_FAILED)
#endif

/* Leaves the calling function with the status of `call` unless that is STATUS_OK. For functions
 * that hold no resources, or hold them in MEM_AUTO and AUTO variables. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum status try_status_ = (call);                                                          \
        if (try_status_ != STATUS_OK) return try_status_;                                          \
    } while (0)

#endif
