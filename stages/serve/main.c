/* serve: recommendations over HTTP that follow what users do. */
#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/stage/stage.h"
#include "stages/serve/server.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct params {
    const char *run, *database, *address, *key_file, *log, *export_folder;
    int64_t port, workers, shortlist, connections, per_address, timeout;
};

#define OPTION_HOLDER struct params
static const struct option_spec options[] = {
    RUNTIME_TEXT("run", run, NULL, "folder of the run whose models are used", 'r'),
    RUNTIME_TEXT(
        "database", database, NULL,
        "SQLite file of the users' events; if not given, the run's folder with .events.db appended",
        0),
    RUNTIME_TEXT("address", address, "127.0.0.1", "numeric address to listen on", 0),
    RUNTIME_INT("port", port, "8080", 0, 65535, "port; 0: any free one", 'p'),
    RUNTIME_TEXT(
        "api-key-file", key_file, NULL,
        "file with the key that writing needs; else the environment variable MARQUEE_API_KEY", 0),
    RUNTIME_INT_AUTO("workers", workers, 1, 256, "requests that compute at the same time",
                     "one per core"),
    RUNTIME_INT("shortlist", shortlist, "1000", 0, 1e6,
                "rank at most this many of the likeliest movies; 0: all", 0),
    RUNTIME_INT("connections", connections, "256", 1, 10000, "most open connections", 0),
    RUNTIME_INT("connections-per-address", per_address, "64", 1, 10000,
                "most open connections from one address", 0),
    RUNTIME_INT("timeout", timeout, "15", 1, 3600,
                "seconds without a byte before a connection is closed", 0),
    RUNTIME_TEXT("access-log", log, "-",
                 "file for one JSON line per request; -: standard output, none: no log", 0),
    RUNTIME_TEXT(
        "export", export_folder, NULL,
        "do not serve; write the database as feedback.csv and forgotten.csv to this folder", 0),
};

/* ---- settings ---- */

static enum status database_path(const struct params *p, struct buf *out, struct error *err) {
    if (p->database != NULL) return buf_puts(out, p->database, err);
    if (p->run == NULL) return error_set(err, STATUS_USAGE, "--run: the folder of a run is needed");
    size_t size = strlen(p->run);
    while (size > 1 && p->run[size - 1] == '/') {
        size--;
    }
    TRY(buf_append(out, p->run, size, err));
    return buf_puts(out, ".events.db", err);
}

/* The API key from the file or the environment, without white space around it. */
static enum status read_key(const struct params *p, struct buf *key, struct error *err) {
    enum { LEAST = 16 };
    AUTO(buf) struct buf text = {0};
    const char *given = getenv("MARQUEE_API_KEY");
    if (p->key_file != NULL) {
        TRY(file_read(p->key_file, &text, err));
        TRY(buf_puts(&text, "", err));
        given = text.data;
    }
    if (given == NULL) return STATUS_OK;
    size_t size = strlen(given);
    while (size > 0 && isspace((unsigned char)given[size - 1])) {
        size--;
    }
    if (size < LEAST) {
        return error_set(err, STATUS_USAGE, "%s: a key has at least %d characters",
                         p->key_file == NULL ? "MARQUEE_API_KEY" : p->key_file, LEAST);
    }
    return buf_append(key, given, size, err);
}

static enum status check_address(const struct params *p, const struct buf *key, struct error *err) {
    bool local = false;
    TRY(address_is_local(p->address, &local, err));
    if (local || key->size > 0) return STATUS_OK;
    return error_set(err, STATUS_USAGE,
                     "--address: others can reach %s; that needs a key (--api-key-file)",
                     p->address);
}

static enum status open_log(const struct params *p, FILE **out, struct error *err) {
    *out = NULL;
    if (strcmp(p->log, "none") == 0) return STATUS_OK;
    *out = strcmp(p->log, "-") == 0 ? stdout : fopen(p->log, "ae");
    return *out == NULL ? error_errno(err, "%s: cannot be opened", p->log) : STATUS_OK;
}

/* ---- serving ---- */

/* Only this thread waits for signals: the others inherit from it that they are blocked. */
static void block_signals(sigset_t *set) {
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* the write to a file at its size limit fails instead */
}

static void wait_for_end(struct service *s, const sigset_t *set) {
    int number = 0;
    if (interrupt_requested()) return; /* a signal came before they were blocked */
    while (sigwait(set, &number) == 0 && number == SIGHUP) {
        struct error err = {0};
        if (snapshots_reload(s->snapshots, &err) == STATUS_OK) {
            atomic_fetch_add(&s->metrics.reloads, 1);
            log_info("models loaded again");
        } else {
            atomic_fetch_add(&s->metrics.failed_reloads, 1);
            log_warn("the models in use stay: %s", err.text);
        }
    }
}

static enum status listen_until_told(struct service *s, const struct params *p, const sigset_t *set,
                                     struct error *err) {
    struct server *server = NULL;
    struct server_options o = {.address = p->address,
                               .port = (uint16_t)p->port,
                               .local_names = s->key.size == 0,
                               .connections = (unsigned)p->connections,
                               .connections_per_address = (unsigned)p->per_address,
                               .timeout_seconds = (unsigned)p->timeout};
    TRY(open_log(p, &o.log, err));
    enum status status = server_start(&server, s, &o, err);
    if (status == STATUS_OK) {
        bool v6 = strchr(p->address, ':') != NULL;
        log_info("listening on http://%s%s%s:%u", v6 ? "[" : "", p->address, v6 ? "]" : "",
                 server_port(server));
        wait_for_end(s, set);
        unsigned cut_off = server_stop(server, 10);
        if (cut_off > 0) log_warn("%u requests were cut off", cut_off);
    }
    if (o.log != NULL && o.log != stdout) (void)fclose(o.log);
    return status;
}

static enum status serve(const struct params *p, struct error *err) {
    static struct service s; /* too large for the stack, for its counters */
    AUTO(buf) struct buf path = {0};
    sigset_t signals;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = (size_t)option_int_or(p->workers, cores > 0 ? cores : 1);
    block_signals(&signals);
    TRY(database_path(p, &path, err));
    if (p->run == NULL) return error_set(err, STATUS_USAGE, "--run: the folder of a run is needed");
    TRY(read_key(p, &s.key, err));
    TRY(check_address(p, &s.key, err));
    s.wait_milliseconds = 5000;
    enum status status = snapshots_open(&s.snapshots, p->run, workers, (size_t)p->shortlist, err);
    if (status == STATUS_OK) status = store_open(&s.store, path.data, err);
    if (status == STATUS_OK) status = listen_until_told(&s, p, &signals, err);
    store_close(s.store);
    snapshots_close(s.snapshots);
    buf_release(&s.key);
    return status;
}

static enum status run(struct stage_run *r, const void *params, struct error *err) {
    const struct params *p = params;
    if (p->export_folder == NULL) return serve(p, err);
    AUTO(buf) struct buf path = {0};
    uint64_t ratings = 0, forgotten = 0;
    TRY(database_path(p, &path, err));
    TRY(store_export(path.data, p->export_folder, &ratings, &forgotten, err));
    stage_count(r, "ratings", ratings);
    stage_count(r, "forgotten users", forgotten);
    return STATUS_OK;
}

static const struct stage serve_stage = {
    .name = "serve",
    .version = 1,
    .summary = "recommendations over HTTP that follow what users do",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .params_size = sizeof(struct params),
    .run = run,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &serve_stage);
}
