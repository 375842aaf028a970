/* IEEE binary16 storage of single-precision values, round to nearest even. */
#ifndef MARQUEE_BASE_HALF_H
#define MARQUEE_BASE_HALF_H

#include <stddef.h>
#include <stdint.h>

uint16_t half_from_float(float value); /* beyond +-65504: clamped to it; NaN kept */
/* Rounded once to nearest even, for numbers read from text; infinite beyond the largest half. NaN
 * gives 0x7E00. */
uint16_t half_from_double(double value);
float half_to_float(uint16_t half);
void half_from_floats(const float *values, size_t count, uint16_t *out);
void half_to_floats(const uint16_t *halves, size_t count, float *out);

#endif
