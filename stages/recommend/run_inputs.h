/* --run FOLDER: the artifacts of a run by their usual names. */
#ifndef MARQUEE_RECOMMEND_RUN_FOLDER_H
#define MARQUEE_RECOMMEND_RUN_FOLDER_H

#include "common/stage/stage.h"

/* stage_main. If `--run FOLDER` or `-r FOLDER` is among the arguments, --dataset=FOLDER/dataset.art
 * and so on are put in front of them first: the files that exist there, the fitted ones of the view
 * that --view names. What the arguments themselves say comes later and so wins. */
int run_folder_main(int argc, char **argv, const struct stage *stage);

#endif
