/* --run FOLDER: the artifacts of a run by their usual names. */
#ifndef MARQUEE_RECOMMEND_RUN_FOLDER_H
#define MARQUEE_RECOMMEND_RUN_FOLDER_H

#include "common/stage/stage.h"

/* stage_main, after putting --dataset=FOLDER/dataset.art, ... in front of the arguments if there is
 * a
 * --run FOLDER (or -r FOLDER) among them: the files that exist there, fitted ones of the view that
 * --view names. What the arguments themselves say comes later and so wins. */
int run_folder_main(int argc, char **argv, const struct stage *stage);

#endif
