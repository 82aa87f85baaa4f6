/* SPDX-License-Identifier: MIT */
/*
 * Common-neighbour analysis of one atom, from its row alone. Each neighbour has a signature: how many
 * neighbours it has in common with the atom, how many bonds there are between these, and how many bonds the
 * longest chain of them has. Twelve times (4,2,1) is fcc; six (4,2,1) and six (4,2,2) hcp; twelve (5,5,5)
 * icosahedral; eight (6,6,6) and six (4,4,4) bcc. J. D. Honeycutt, H. C. Andersen, J. Phys. Chem. 91, 4950
 * (1987).
 */
#ifndef NBL_METRICS_CNA_H
#define NBL_METRICS_CNA_H

#include "metrics/row.h"

/* enum nbl_cna. All edges of the row are the bonds of the atom, and edges bond its neighbours. */
uint8_t nbl__cna_fixed(const nbl__row *row);

/* enum nbl_cna, from the 12 nearest neighbours, failing that from the 14 nearest, with cutoffs of their own;
   of equally near ones those that come first. A. Stukowski, Model. Simul. Mater. Sci. Eng. 20, 045021 (2012).
 */
uint8_t nbl__cna_adaptive(const nbl__row *row);

#endif
