/* What the columns of feedback.csv mean, which the service writes and ingest reads. */
#ifndef MARQUEE_DATA_RATINGS_CSV_H
#define MARQUEE_DATA_RATINGS_CSV_H

/* Half stars that a view without a rating stands for: a neutral 3.5. In the file its rating is
 * empty, because it must not take the place of a rating that another file holds. */
enum { RATING_OF_VIEW = 7 };

#endif
