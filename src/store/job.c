/* job.c */
#include "store/job.h"
