/* How idle OpenMP threads wait. */
#ifndef MARQUEE_BASE_THREADS_H
#define MARQUEE_BASE_THREADS_H

/* Makes idle threads sleep rather than spin, unless OMP_WAIT_POLICY is set. The runtime reads that
 * variable before main, so the program executes itself again with the variable set; to be called
 * first in main. On a shared machine, two spinning threads were seen to use four times the CPU
 * time. If the program cannot be executed again, nothing happens. */
void threads_wait_passively(char **argv);

#endif
