/* How OpenMP's threads wait. */
#ifndef MARQUEE_BASE_THREADS_H
#define MARQUEE_BASE_THREADS_H

/* Makes idle threads sleep rather than spin, unless OMP_WAIT_POLICY is set. The runtime reads that
 * variable before main, so the program starts itself again with it; to be called first in main.
 * On a machine that others use too, two spinning threads were seen to take four times the CPU time.
 * Where the program cannot be started again, nothing happens. */
void threads_wait_passively(char **argv);

#endif
