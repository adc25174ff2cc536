/*
 * plot.h -- small pictures of results as SVG: readable in light and in dark, with a title, labelled
 * axes, and words for those who do not see them.
 */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include "cli/table_io.h"

#define PLOT_NAMED_MAX 40           /* rows with a name each; more become thin lines side by side */
#define PLOT_MATRIX_MAX 60

struct plot {
    struct table file;              /* where it goes; appears whole or not at all */
    FILE *f;
    int width, height;
};

struct bar {                        /* a value and where it may lie; NaN: none */
    struct as_cell name;
    double value, lo, hi;
};

struct reliable {                   /* a bin of answers of like confidence */
    double confidence, share;       /* mean; share right */
    int64_t n;
};

/* The height that plot_bars needs for n rows. */
int plot_bars_height(uint32_t n);

int plot_open(struct cli *cli, const char *path, int width, int height, const char *title,
              const char *what, struct plot *p);
int plot_close(struct plot *p, int rc);

/* Rows from the greatest value down, at x, y (top left), with an axis `label` from low to high;
   the bars are sorted in place. */
void plot_bars(struct plot *p, int x, int y, int width, struct bar *bar, uint32_t n, double low,
               double high, const char *label);

/* Confidence against share right, with Wilson's 95 % interval; the diagonal is honest. */
void plot_reliability(struct plot *p, int x, int y, int side, const struct reliable *bin, int n);

/* A square of n x n values in low … high (NaN: empty), names along both sides. */
void plot_matrix(struct plot *p, int x, int y, int side, const struct as_cell *name,
                 const double *value, uint32_t n, double low, double high);

#endif
