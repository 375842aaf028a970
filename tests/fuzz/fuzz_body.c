/* libFuzzer: the JSON bodies that the service is sent. The first byte says which: a visitor's
 * session or feedback. */
#include "stages/serve/body.h"
#include "tests/fuzz/service.h"

#include "common/base/mem.h"

#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_session(const char *text, size_t size, const struct snapshot *g) {
    AUTO(user_events) struct user_events events = {0};
    struct error err = {0};
    if (body_session(text, size, g, &events, &err) != STATUS_OK) {
        must(err.text[0] != '\0');
        return;
    }
    for (size_t i = 0; i < events.count; i++) {
        must(events.event[i].value >= 1 && events.event[i].value <= 10);
    }
}

static void try_feedback(const char *text, size_t size, const struct snapshot *g) {
    MEM_AUTO struct feedback *events = NULL;
    struct error err = {0};
    size_t count = 0;
    if (body_feedback(text, size, g, 7, &events, &count, &err) != STATUS_OK) {
        must(err.text[0] != '\0');
        return;
    }
    for (size_t i = 0; i < count; i++) {
        must(events[i].type < FEEDBACK_TYPES && events[i].value <= 10);
        must((events[i].type == FEEDBACK_RATING) == (events[i].value > 0));
        must(memchr(events[i].key, '\0', FEEDBACK_KEY_SIZE) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    MEM_AUTO char *text = NULL;
    if (size == 0) return 0;
    const struct snapshot snapshot = {.catalogue = small_catalogue(), .newest = 1000};
    must(MEM_NEW(&text, size - 1, NULL) == STATUS_OK); /* of just that size: reading on is seen */
    if (size > 1) memcpy(text, data + 1, size - 1);
    if (data[0] % 2 == 0) {
        try_session(text, size - 1, &snapshot);
    } else {
        try_feedback(text, size - 1, &snapshot);
    }
    return 0;
}
