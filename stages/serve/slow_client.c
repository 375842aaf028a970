#include "stages/serve/slow_client.h"

#include "common/base/clock.h"
#include "common/base/mem.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

struct waiting {
    int socket;
    uint64_t since_ns; /* 0: does not wait */
    struct waiting *before, *after;
};

struct slow_clients {
    uint64_t limit_ns;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t stopped;
    bool stopping;
    struct waiting *first;
    pthread_t thread;
};

static void shut_down_late(struct slow_clients *p) {
    uint64_t now = clock_now_ns();
    for (struct waiting *w = p->first; w != NULL; w = w->after) {
        if (w->since_ns == 0 || now - w->since_ns < p->limit_ns) continue;
        (void)shutdown(w->socket, SHUT_RDWR); /* its thread then sees the end and closes it */
        w->since_ns = 0;
    }
}

static void *watch(void *argument) {
    struct slow_clients *p = argument;
    pthread_mutex_lock(&p->lock);
    while (!p->stopping) {
        uint64_t next = clock_now_ns() + 500000000U;
        struct timespec until = {(time_t)(next / 1000000000U), (long)(next % 1000000000U)};
        (void)pthread_cond_timedwait(&p->stopped, &p->lock, &until);
        shut_down_late(p);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

enum status slow_clients_start(struct slow_clients **out, unsigned seconds, struct error *err) {
    TRY(MEM_NEW(out, 1, err));
    struct slow_clients *p = *out;
    pthread_condattr_t monotonic;
    p->limit_ns = (uint64_t)seconds * 1000000000U;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&p->stopped, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&p->thread, NULL, watch, p) == 0) return STATUS_OK;
    mem_free(p);
    *out = NULL;
    return error_set(err, STATUS_FAILED, "the thread that watches connections cannot be started");
}

void slow_clients_stop(struct slow_clients *p) {
    if (p == NULL) return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_signal(&p->stopped);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->stopped);
    pthread_mutex_destroy(&p->lock);
    mem_free(p);
}

struct waiting *slow_clients_enter(struct slow_clients *p, int socket) {
    struct waiting *w = NULL;
    if (MEM_NEW(&w, 1, NULL) != STATUS_OK) return NULL;
    w->socket = socket;
    w->since_ns = clock_now_ns();
    pthread_mutex_lock(&p->lock);
    w->after = p->first;
    if (p->first != NULL) p->first->before = w;
    p->first = w;
    pthread_mutex_unlock(&p->lock);
    return w;
}

void slow_clients_leave(struct slow_clients *p, struct waiting *w) {
    if (w == NULL) return;
    pthread_mutex_lock(&p->lock);
    if (w->before == NULL) {
        p->first = w->after;
    } else {
        w->before->after = w->after;
    }
    if (w->after != NULL) w->after->before = w->before;
    pthread_mutex_unlock(&p->lock);
    mem_free(w);
}

static void set_since(struct slow_clients *p, struct waiting *w, uint64_t since_ns) {
    if (w == NULL) return;
    pthread_mutex_lock(&p->lock);
    w->since_ns = since_ns;
    pthread_mutex_unlock(&p->lock);
}

void slow_clients_begin(struct slow_clients *p, struct waiting *w) {
    set_since(p, w, clock_now_ns());
}

void slow_clients_end(struct slow_clients *p, struct waiting *w) {
    set_since(p, w, 0);
}
