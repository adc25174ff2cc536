/* plot.c -- see plot.h. */
#include "cli/plot.h"
#include "core/str.h"

#include <math.h>

#define ROW 20                      /* height of a named row */
#define LINES_HEIGHT 260            /* of many thin lines side by side */
#define NAME_WIDTH 150
#define NAME_CHARS 20
#define AXIS 46                     /* below: ticks and label */
#define TOP 44                      /* above: the title */

static const char style[] =
    "<style>svg{--ink:#1f2733;--soft:#6b7686;--grid:#d9dee6;--mark:#1f66d1;--page:#fff}"
    "@media (prefers-color-scheme:dark){svg{--ink:#e6eaf0;--soft:#9aa5b5;--grid:#39424f;"
    "--mark:#77aaff;--page:#161b22}}"
    "text{font:13px system-ui,sans-serif;fill:var(--ink)}.soft{fill:var(--soft);font-size:12px}"
    ".head{font-size:16px;font-weight:600}.page{fill:var(--page)}"
    ".grid{stroke:var(--grid);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}"
    ".even{stroke:var(--soft);stroke-width:1;stroke-dasharray:4 4}"
    ".range{stroke:var(--mark);stroke-width:2;stroke-opacity:.55}"
    ".thin{stroke:var(--mark);stroke-width:1;stroke-opacity:.5}"
    ".on{fill:var(--page);font-size:12px}.dot{fill:var(--mark)}.cell{fill:var(--mark)}</style>\n";

/* Text of a name: what XML cannot hold becomes an entity or a question mark; long ones are cut. */
static void put_text(FILE *f, struct as_cell c, size_t most)
{
    size_t k = 0, chars = 0;

    for (; k < c.n && chars < most; chars++) {
        uint32_t cp = 0;
        size_t step = utf8_decode(c.s + k, c.n - k, &cp);

        if (!step || cp < 0x20 || cp == 0xfffe || cp == 0xffff)
            putc('?', f);
        else if (cp == '&' || cp == '<' || cp == '>')
            fputs(cp == '&' ? "&amp;" : cp == '<' ? "&lt;" : "&gt;", f);
        else
            fwrite(c.s + k, 1, step, f);
        k += step ? step : 1;
    }
    if (k < c.n)
        fputs("…", f);
}

static void text(struct plot *p, double x, double y, const char *anchor, const char *class,
                 struct as_cell c, size_t most)
{
    fprintf(p->f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor,
            class);
    put_text(p->f, c, most);
    fputs("</text>\n", p->f);
}

static void words(struct plot *p, double x, double y, const char *anchor, const char *class,
                  const char *s)
{
    text(p, x, y, anchor, class, cell_of(s), SIZE_MAX);
}

static void line(struct plot *p, const char *class, double x0, double y0, double x1, double y1)
{
    fprintf(p->f, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class,
            x0, y0, x1, y1);
}

static void dot(struct plot *p, double x, double y, double r)
{
    fprintf(p->f, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n", x, y, r);
}

int plot_open(struct cli *cli, const char *path, int width, int height, const char *title,
              const char *what, struct plot *p)
{
    int rc = table_bytes(cli, path, &p->file);

    p->f = p->file.f;
    p->width = width;
    p->height = height;
    if (rc < 0)
        return rc;
    fprintf(p->f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"title what\">\n<title "
            "id=\"title\">", width, height, width, height);
    put_text(p->f, cell_of(title), SIZE_MAX);
    fputs("</title>\n<desc id=\"what\">", p->f);
    put_text(p->f, cell_of(what), SIZE_MAX);
    fprintf(p->f, "</desc>\n%s<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n", style, width,
            height);
    words(p, 20, 28, "start", "head", title);
    return 0;
}

int plot_close(struct plot *p, int rc)
{
    if (p->f)
        fputs("</svg>\n", p->f);
    return table_close(&p->file, rc);
}

/* ------------------------------------------------------------------ axes */

/* A step of 1, 2 or 5 times a power of ten, so that there are about five. */
static double step_of(double low, double high)
{
    double rough = (high - low) / 5, base = pow(10, floor(log10(rough))), by = rough / base;

    return base * (by < 1.5 ? 1 : by < 3.5 ? 2 : by < 7.5 ? 5 : 10);
}

static double along(double x, double low, double high, double from, double to)
{
    x = x < low ? low : x > high ? high : x;
    return from + (to - from) * (x - low) / (high - low);
}

/* An axis with grid lines: across (from x0 to x1, grid up to y1), or up when `up`. */
static void axis(struct plot *p, bool up, double low, double high, double x0, double y0, double x1,
                 double y1)
{
    double step = step_of(low, high);

    for (double t = ceil(low / step - 1e-9) * step; t <= high + step * 1e-6; t += step) {
        char tick[32];

        snprintf(tick, sizeof tick, "%.6g", fabs(t) < step * 1e-6 ? 0.0 : t);
        if (up) {
            double y = along(t, low, high, y0, y1);

            line(p, "grid", x0, y, x1, y);
            words(p, x0 - 8, y + 4, "end", "soft", tick);
        } else {
            double x = along(t, low, high, x0, x1);

            line(p, "grid", x, y0, x, y1);
            words(p, x, y0 + 18, "middle", "soft", tick);
        }
    }
}

/* ------------------------------------------------------------------ values with intervals */

int plot_bars_height(uint32_t n)
{
    return TOP + AXIS + (n <= PLOT_NAMED_MAX ? (int)n * ROW + 10 : LINES_HEIGHT);
}

static int falling(const void *x, const void *y)
{
    const struct bar *a = x, *b = y;

    return a->value > b->value ? -1 : a->value < b->value;
}

static void named_rows(struct plot *p, int x, int y, int width, const struct bar *bar, uint32_t n,
                       double low, double high, const char *label)
{
    double x0 = x + NAME_WIDTH, x1 = x + width - 20, bottom = y + (int)n * ROW + 10;

    axis(p, false, low, high, x0, bottom, x1, y);
    for (uint32_t k = 0; k < n; k++) {
        double at = y + (int)k * ROW + ROW / 2.0 + 5;

        text(p, x0 - 10, at + 4, "end", "name", bar[k].name, NAME_CHARS);
        if (isfinite(bar[k].lo) && isfinite(bar[k].hi))
            line(p, "range", along(bar[k].lo, low, high, x0, x1), at,
                 along(bar[k].hi, low, high, x0, x1), at);
        if (isfinite(bar[k].value))
            dot(p, along(bar[k].value, low, high, x0, x1), at, 4);
    }
    words(p, (x0 + x1) / 2, bottom + 38, "middle", "soft", label);
}

static void thin_lines(struct plot *p, int x, int y, int width, const struct bar *bar, uint32_t n,
                       double low, double high, const char *label)
{
    double x0 = x + 60, x1 = x + width - 20, bottom = y + LINES_HEIGHT;
    char many[64];

    axis(p, true, low, high, x0, bottom, x1, y);
    for (uint32_t k = 0; k < n; k++) {
        double at = x0 + (x1 - x0) * (k + .5) / n;

        if (isfinite(bar[k].lo) && isfinite(bar[k].hi))
            line(p, "thin", at, along(bar[k].lo, low, high, bottom, y), at,
                 along(bar[k].hi, low, high, bottom, y));
        if (isfinite(bar[k].value))
            dot(p, at, along(bar[k].value, low, high, bottom, y), n > 400 ? 1 : 1.8);
    }
    snprintf(many, sizeof many, "%u of them, from the greatest down", n);
    words(p, (x0 + x1) / 2, bottom + 22, "middle", "soft", many);
    fprintf(p->f, "<g transform=\"translate(%.1f %.1f) rotate(-90)\">", x + 16.0, (y + bottom) / 2);
    words(p, 0, 0, "middle", "soft", label);
    fputs("</g>\n", p->f);
}

void plot_bars(struct plot *p, int x, int y, int width, struct bar *bar, uint32_t n, double low,
               double high, const char *label)
{
    qsort(bar, n, sizeof *bar, falling);
    if (!(high > low))
        high = low + 1;
    if (n <= PLOT_NAMED_MAX)
        named_rows(p, x, y, width, bar, n, low, high, label);
    else
        thin_lines(p, x, y, width, bar, n, low, high, label);
}

/* ------------------------------------------------------------------ reliability */

void plot_reliability(struct plot *p, int x, int y, int side, const struct reliable *bin, int n)
{
    double x0 = x + 60, y0 = y + side, x1 = x0 + side, y1 = y;
    int64_t most = 1;

    axis(p, false, 0, 1, x0, y0, x1, y1);
    axis(p, true, 0, 1, x0, y0, x1, y1);
    line(p, "even", x0, y0, x1, y1);
    for (int k = 0; k < n; k++)
        most = bin[k].n > most ? bin[k].n : most;
    for (int k = 0; k < n; k++) {
        double m = (double)bin[k].n, z = 1.96, at = along(bin[k].confidence, 0, 1, x0, x1);

        if (!bin[k].n)
            continue;
        double mid = (bin[k].share + z * z / (2 * m)) / (1 + z * z / m);
        double half = z * sqrt(bin[k].share * (1 - bin[k].share) / m + z * z / (4 * m * m)) /
                      (1 + z * z / m);
        line(p, "range", at, along(mid - half, 0, 1, y0, y1), at, along(mid + half, 0, 1, y0, y1));
        dot(p, at, along(bin[k].share, 0, 1, y0, y1), 3 + 5 * sqrt(m / (double)most));
    }
    words(p, (x0 + x1) / 2, y0 + 38, "middle", "soft", "confidence");
    fprintf(p->f, "<g transform=\"translate(%.1f %.1f) rotate(-90)\">", x + 16.0, (y0 + y1) / 2);
    words(p, 0, 0, "middle", "soft", "share right");
    fputs("</g>\n", p->f);
}

/* ------------------------------------------------------------------ a matrix */

void plot_matrix(struct plot *p, int x, int y, int side, const struct as_cell *name,
                 const double *value, uint32_t n, double low, double high)
{
    double x0 = x + NAME_WIDTH, cell = (double)side / n;

    for (uint32_t r = 0; r < n; r++) {
        double at = y + r * cell;

        text(p, x0 - 8, at + cell / 2 + 4, "end", "name", name[r], NAME_CHARS);
        fprintf(p->f, "<g transform=\"translate(%.1f %.1f) rotate(-60)\">",
                x0 + (r + .5) * cell + 4, y - 6.0);
        text(p, 0, 0, "start", "name", name[r], NAME_CHARS);
        fputs("</g>\n", p->f);
        for (uint32_t c = 0; c < n; c++) {
            double v = value[(size_t)r * n + c];

            if (!isfinite(v))
                continue;
            fprintf(p->f, "<rect class=\"cell\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                    "height=\"%.1f\" fill-opacity=\"%.3f\"><title>%.3f</title></rect>\n",
                    x0 + c * cell, at, cell - 1, cell - 1, along(v, low, high, .06, 1), v);
            if (cell >= 34) {
                char figure[16];

                snprintf(figure, sizeof figure, "%.2f", v);
                words(p, x0 + (c + .5) * cell, at + cell / 2 + 4, "middle",
                      along(v, low, high, .06, 1) > .6 ? "on" : "name", figure);
            }
        }
    }
}
