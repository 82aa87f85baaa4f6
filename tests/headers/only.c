/* SPDX-License-Identifier: MIT */
/* The header alone, first and twice: valid as C and as C++, needing nothing before it. */
#include <nblist/nblist.h>

int use_of_header(void);

#ifdef __cplusplus
static_assert(NBL_EVERIFY == -20, "statuses are values of an enum");
#else
_Static_assert(NBL_EVERIFY == -20, "statuses are values of an enum");
#endif

int use_of_header(void)
{
    nbl_allocator allocator = NBL_ALLOCATOR_INIT;
    nbl_handle_options handle = NBL_HANDLE_OPTIONS_INIT;
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    nbl_outputs outputs = NBL_OUTPUTS_INIT;
    nbl_cell_list_info info = NBL_CELL_LIST_INFO_INIT;
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    return (allocator.size && handle.size && build.size && search.size && outputs.size && info.size &&
            report.size)
               ? nbl_version()
               : 0;
}
