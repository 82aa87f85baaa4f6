/* SPDX-License-Identifier: MIT */
/* The program of fragments for build systems: whether headers and libraries are found, and of one version. */
#include <nblist/io.h>
#include <nblist/nblist.h>

int main(void)
{
    return nbl_version() != NBL_VERSION || nbl_io_status_text(NBL_IO_OK)[0] == '\0';
}
