#include "common/base/threads.h"

#include <stdlib.h>
#include <unistd.h>

void threads_wait_passively(char **argv) {
    if (getenv("OMP_WAIT_POLICY") != NULL) return;
    if (setenv("OMP_WAIT_POLICY", "passive", 1) == 0) execv("/proc/self/exe", argv);
}
