/* blob.c */
#include "store/blob.h"
