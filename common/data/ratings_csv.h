/* The meaning of the columns of feedback.csv, which the service writes and ingest reads. */
#ifndef MARQUEE_DATA_RATINGS_CSV_H
#define MARQUEE_DATA_RATINGS_CSV_H

/* The half stars that a movie seen but not rated counts as: a neutral 3.5. In the file its rating
 * is empty, because it must not replace a rating from another file. */
enum { RATING_OF_VIEW = 7 };

#endif
