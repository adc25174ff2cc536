/* cmd_serve.c -- annotary serve: the server. */
#include "cli/cli.h"
#include "core/clock.h"
#include "core/log.h"
#include "domain/bin.h"
#include "domain/run.h"
#include "domain/serve.h"
#include "http/server.h"

#include <signal.h>

static struct server *serving;

static void on_signal(int sig)
{
    (void)sig;
    if (serving)
        server_stop(serving);
}

static void catch_signals(void)
{
    struct sigaction sa = {.sa_handler = on_signal};

    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
}

/* "a, b" as a list that ends with NULL; NULL for none. */
static const char *const *split(struct ctx *cx, const char *list)
{
    char *copy = talloc_strdup(cx->mem, list), *save = NULL;
    const char **out = NEW_N(cx, const char *, strlen(list) / 2 + 2);
    int n = 0;

    for (char *w = strtok_r(copy, ", ", &save); w; w = strtok_r(NULL, ", ", &save))
        out[n++] = w;
    return n ? out : NULL;
}

static void greet(struct cli *cli, int port, const char *setup, int64_t began_us)
{
    const char *address = cli->set.address;

    if (cli->json)
        printf("{\"port\":%d,\"data\":\"%s\",\"setup\":%s%s%s,\"ms\":%.1f}\n", port, cli->set.data,
               setup ? "\"/setup?token=" : "null", setup ? setup : "", setup ? "\"" : "",
               (double)(clock_mono_us() - began_us) / 1000);
    else if (setup)
        printf("Annotary %s is ready: http://%s:%d/\n"
               "Nobody owns it yet. Make the first owner with this one-time link:\n\n"
               "    http://%s:%d/setup?token=%s\n\n",
               ANNOTARY_VERSION, address, port, address, port, setup);
    else
        printf("Annotary %s is ready: http://%s:%d/\n", ANNOTARY_VERSION, address, port);
    fflush(stdout);
}

static enum log_level level_of(const char *word)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};

    for (int i = 0; i < 4; i++)
        if (strcmp(names[i], word) == 0)
            return (enum log_level)i;
    return LOG_INFO;
}

int cmd_serve(struct cli *cli, int argc, char **argv)
{
    const char *port = NULL, *address = NULL;
    bool proxy = false, strict = false;
    const struct opt opts[] = {
        {"address", "ADDRESS", "listen here; default 127.0.0.1", &address, NULL, NULL},
        {"port", "PORT", "default 8080; the next free one when it is taken", &port, NULL, NULL},
        {"behind-proxy", NULL, "a proxy in front ends TLS", NULL, NULL, &proxy},
        {"strict-port", NULL, "fail when the port is taken", NULL, NULL, &strict},
        {0},
    };
    const struct use use = {
        .command = "serve",
        .what = "Serve the data folder over HTTP until Ctrl-C.",
        .examples = "  annotary serve\n"
                    "  annotary serve --data /srv/annotary --port 9000\n"
                    "  annotary serve --database postgresql://annotary@/annotary\n",
        .opts = opts,
    };
    struct store_opts so;
    struct server_opts o = {0};
    struct workers *workers = NULL;
    int64_t began = clock_mono_us();
    struct run *run;
    char *setup;
    int rc;

    cli_args(cli, &use, argc, argv, NULL);
    if ((address && settings_set(cli->cx, &cli->set, "address", address, "command line") < 0) ||
        (port && settings_set(cli->cx, &cli->set, "port", port, "command line") < 0))
        return cli_usage("%s", cli->cx->why);
    log_set_level(level_of(cli->set.log));
    so = (struct store_opts){.data = cli->set.data, .create = true, .server = true,
                             .database = *cli->set.database ? cli->set.database : NULL};
    if ((rc = store_open(cli->cx, &so, &cli->st)) < 0)
        return cli_done(cli, rc);
    run = run_new(cli->cx, cli->st);
    bin_keep(cli->set.keep_deleted * 3600 * 1000);
    o = (struct server_opts){.address = cli->set.address,
                             .port = (int)cli->set.port,
                             .next_port = !strict,
                             .behind_proxy = proxy || cli->set.behind_proxy,
                             .proxies = split(cli->cx, cli->set.proxies),
                             .per_ip = (int)cli->set.per_ip,
                             .workers = (int)cli->set.workers};
    if ((rc = serve_begin(cli->cx, run, &setup, &workers)) < 0 ||
        (rc = server_open(cli->cx, &o, run, &serving)) < 0) {
        serve_end(workers);
        return cli_done(cli, rc);
    }
    catch_signals();
    greet(cli, server_port(serving), setup, began);
    server_loop(serving);
    serve_end(workers);
    server_close(serving);
    if (!cli->json)
        puts("Stopped. Everything acknowledged is on disk.");
    return EXIT_OK;
}
