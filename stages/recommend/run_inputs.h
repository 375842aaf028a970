/* --run FOLDER: the artifacts of a run by their names in the table of its files. */
#ifndef MARQUEE_RECOMMEND_RUN_INPUTS_H
#define MARQUEE_RECOMMEND_RUN_INPUTS_H

#include "common/stage/stage.h"

/* stage_main, after putting --dataset=FOLDER/dataset.art... in front of the arguments if --run
 * FOLDER (or -r FOLDER) is among them: of the files that exist there, those of the view that --view
 * names. What the arguments themselves say comes later and so wins. */
int run_inputs_main(int argc, char **argv, const struct stage *stage);

#endif
