#include "common/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#ifdef __clang_analyzer__
#undef error_set
#undef error_errno
#undef error_wrap
#endif

enum status error_set(struct error *err, enum status status, const char *format, ...) {
    if (!err) return status;
    char text[ERROR_TEXT_SIZE]; /* the arguments may point into err->text */
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    memcpy(err->text, text, sizeof text);
    err->status = status;
    return status;
}

enum status error_errno(struct error *err, const char *format, ...) {
    const char *reason = strerror(errno);
    if (!err) return STATUS_FAILED;
    char text[ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(err, STATUS_FAILED, "%s: %s", text, reason);
}

enum status error_wrap(struct error *err, const char *format, ...) {
    if (!err) return STATUS_FAILED;
    char context[ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(context, sizeof context, format, args);
    va_end(args);
    return error_set(err, err->status, "%s: %s", context, err->text);
}
