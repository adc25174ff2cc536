/* banned.h -- functions that do not compile here: each has let somebody in somewhere. */
#ifndef CORE_BANNED_H
#define CORE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef ALLOW_BANNED
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison gmtime localtime ctime asctime tmpnam tempnam mktemp
#endif

#endif
