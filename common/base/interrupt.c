#include "common/base/interrupt.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t requested;

static void on_signal(int number) {
    requested = number;
}

void interrupt_install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND; /* a second signal ends the process at once */
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool interrupt_requested(void) {
    return requested != 0;
}

enum status interrupt_check(struct error *err) {
    if (!interrupt_requested()) return STATUS_OK;
    return error_set(err, STATUS_INTERRUPTED, "interrupted");
}
