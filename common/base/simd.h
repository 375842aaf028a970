/* Vectors of numbers that are added, multiplied and compared side by side. The compiler maps them
 * to what the machine has, or to several of what it has; the results are those of the numbers one
 * by one. A comparison gives a vector of integers as wide, 0 or -1 each.
 *
 * f32x4 is four floats. The plain types are for variables and arrays of their own: an array must be
 * aligned to the vector's size, and copies from and to other arrays go through memcpy. A pointer to
 * one of the `loose` types may point anywhere into an array of their numbers. */
#ifndef MARQUEE_BASE_SIMD_H
#define MARQUEE_BASE_SIMD_H

#include <stdint.h>

typedef float f32x2 __attribute__((vector_size(8)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));

#define SIMD_LOOSE(number, size)                                                                   \
    __attribute__((vector_size(size), aligned(sizeof(number)), may_alias))
typedef float f32x4_loose SIMD_LOOSE(float, 16);
typedef float f32x8_loose SIMD_LOOSE(float, 32);
typedef float f32x16_loose SIMD_LOOSE(float, 64);
typedef double f64x8_loose SIMD_LOOSE(double, 64);
typedef uint32_t u32x4_loose SIMD_LOOSE(uint32_t, 16);
typedef uint32_t u32x8_loose SIMD_LOOSE(uint32_t, 32);
typedef uint32_t u32x16_loose SIMD_LOOSE(uint32_t, 64);

/* The loose type of so many numbers, for loops that are compiled for several widths:
 * SIMD_TYPE(f32, KERNEL_WIDTH) is f32x8_loose where KERNEL_WIDTH is 8. */
#define SIMD_TYPE(number, width)       SIMD_TYPE_NAMED(number, width)
#define SIMD_TYPE_NAMED(number, width) number##x##width##_loose

#endif
