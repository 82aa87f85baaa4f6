/* SPDX-License-Identifier: MIT */
/* As released, without comments: for programs that are as old. */
#ifndef NBLIST_VERSION_H
#define NBLIST_VERSION_H
#define NBL_VERSION_MAJOR  0
#define NBL_VERSION_MINOR  1
#define NBL_VERSION_PATCH  0
#define NBL_VERSION_STRING "0.1.0"
#define NBL_VERSION        (NBL_VERSION_MAJOR * 1000000 + NBL_VERSION_MINOR * 1000 + NBL_VERSION_PATCH)
#endif
