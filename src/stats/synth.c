/*
 * synth.c -- a made-up crowd whose truth is known.
 *
 *     u(seed, stream, i)  SplitMix64's finisher over seed, stream and index: any number of any
 *                         stream without computing those before it
 *     truth of t      floor(u1(t) * K)
 *     accuracy of w   0.35 + 0.6 * u2(w)
 *     workers of t    (floor(u3(t) * W) + j * floor(W / R)) mod W,  j = 0 … R-1
 *     label           right if u4 < accuracy, else one of the K-1 others by u5
 *
 * So the one-coin model is the true one.  Integers only after the draws: every language that has
 * 64-bit integers and IEEE doubles gets the same crowd.
 */
#include "stats/annotary_stats.h"

double as_uniform(uint64_t seed, uint64_t stream, uint64_t i)
{
    uint64_t z = seed * 0x9E3779B97F4A7C15u + stream * 0xD1B54A32D192ED03u
                 + i * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return (double)(z >> 11) * 0x1p-53;
}

int as_synth_crowd(uint32_t tasks, uint32_t per_task, uint32_t classes, uint32_t workers,
                   uint64_t seed, uint32_t *task, uint32_t *worker, uint16_t *label,
                   uint16_t *truth, double *accuracy)
{
    if (per_task < 1 || per_task > workers || classes < 2 || classes > AS_CLASSES_MAX)
        return AS_EINVAL;
    for (uint32_t w = 0; accuracy && w < workers; w++)
        accuracy[w] = 0.35 + 0.6 * as_uniform(seed, 2, w);
    uint32_t step = workers / per_task;
    size_t at = 0;
    for (uint32_t t = 0; t < tasks; t++) {
        truth[t] = (uint16_t)(as_uniform(seed, 1, t) * classes);
        uint64_t base = (uint64_t)(as_uniform(seed, 3, t) * workers);
        for (uint32_t j = 0; j < per_task; j++, at++) {
            uint32_t w = (uint32_t)((base + (uint64_t)j * step) % workers);
            uint32_t off = (uint32_t)(as_uniform(seed, 5, at) * (classes - 1));
            int right = as_uniform(seed, 4, at) < 0.35 + 0.6 * as_uniform(seed, 2, w);
            task[at] = t;
            worker[at] = w;
            label[at] = (uint16_t)(right ? truth[t] : (truth[t] + 1u + off) % classes);
        }
    }
    return AS_OK;
}
