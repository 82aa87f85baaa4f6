/* SPDX-License-Identifier: MIT */
/*
 * libnblist-metrics: how disordered a structure is. Seventeen metrics of a structure, or of thousands in one
 * call, and order parameters of single atoms, in one pass over the neighbours and without a list. A library of
 * its own on top of libnblist: link with -lnblist-metrics.
 *
 *     nbl_metrics *metrics = NULL;
 *     nbl_metrics_create(&metrics, NULL);
 *
 *     double values[NBL_METRICS_COUNT];
 *     nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;              // all seventeen
 *     out.values = values;
 *     out.system_capacity = 1;
 *     nbl_metrics_compute(metrics, n, positions, NULL, NULL, numbers, NULL, &out);
 *     printf("%g\n", values[NBL_METRIC_Q6]);
 *
 *     nbl_metrics_destroy(&metrics);
 *
 * (error checks left out here; every call returns a status). Many structures: nbl_metrics_compute_batch().
 *
 * ## Words
 *
 * n atoms, positions r, cell h, pbc and shifts s are those of nblist.h. numbers are atomic numbers: they tell
 * elements apart, and choose covalent radii R and electronegativities chi. rc is the cutoff. Lengths are in
 * Angstrom only in so far as the built-in radii are. ln is the natural logarithm.
 *
 * An EDGE is an unordered pair of atoms, or of an atom and a periodic image, with 1e-10 <= |d| <= rc; |d| <= rc
 * is decided by the formula of nblist.h. In a periodic system every image within rc makes an edge of its own.
 * An atom and its own image are an edge, too, which has both ends at that atom: images s and -s make one edge
 * with two ends. The degree k of an atom counts its edge ends; its neighbours are the atoms and images behind
 * them, u_j = d_j / |d_j| their directions. n counts the atoms that were given, never images.
 *
 * Without a cutoff of the caller's, rc = cov_scale * 1.5 * 2 * (median of R over the atoms of the system; of an
 * even number the mean of the middle two).
 *
 * ## The metrics
 *
 * B = n_bins. "Mean over" says which atoms the mean is over; atoms left out of it have no value. Where a mean
 * has no atoms, or where no edge is there, a metric is 0 unless said otherwise.
 *
 *   H_atom                 - sum p ln p over the elements, p the share of the atoms
 *   H_spatial              - sum p ln p over the histogram of |d| of all edges in B equal bins on [0, rc]
 *   H_total                w_atom * H_atom + w_spatial * H_spatial
 *   RDF_dev                sqrt(mean over bins of (g_b - 1)^2), g_b = h_b / I_b: h_b edges in bin b, against
 *                          I_b = rho * 4 pi c_b^2 * w * n / 2, w = rc / B, c_b = (b + 1/2) w, rho = n / V
 *   shape_aniso            1.5 |G|^2 / (tr G)^2 - 0.5, clipped to 0 ... 1; G = mean over all atoms of
 *                          (r - c)(r - c)^T, c the centroid, |G| its Frobenius norm. NaN for n < 2; 0 where
 *                          tr G < 1e-30. Of the positions as given: images play no part
 *   Q4 Q6 Q8               Q_l = sqrt(4 pi / (2 l + 1) * sum over m of |q_lm|^2), with
 *                          q_lm = mean over the neighbours of Y_lm(u_j) [1]; mean over all atoms, no neighbours
 *                          counting as 0
 *   graph_lcc              atoms in the largest connected component / n: 1 / n without edges, 0 for n = 0
 *   graph_cc               mean over atoms with k >= 2 of T / (k (k - 1) / 2), T the pairs of neighbours that
 *                          are joined by an edge themselves [2]
 *   ring_fraction          share of the atoms with an edge that is not a bridge: that lies on a ring. Two
 *                          edges between the same atoms, to different images, are a ring, as is an edge from
 *                          an atom to its own image. The graph is that of the atoms given: the one rung between
 *                          two periodic chains is a bridge, but two copies of it in a supercell are on a ring
 *   charge_frustration     population variance of |chi_i - chi_j| over edges; 0 for fewer than two
 *   moran_I_chi            n / W * (sum over edge ends of delta_i delta_j) / (sum over atoms of delta_i^2), at
 *                          most 1; delta = chi - mean chi, W the number of edge ends [3]. 0 where all chi are
 *                          equal
 *   bond_angle_entropy     mean over atoms with k >= 2 of the Shannon entropy of the angles of all
 *                          k (k - 1) / 2 pairs of neighbours, in 36 equal bins on [0, pi]
 *   coordination_variance  population variance of k over all atoms
 *   radial_variance        mean over atoms with k >= 1 of max(0, <|d|^2> - <|d|>^2)
 *   local_anisotropy       mean over atoms with k >= 1 of 1.5 |T|^2 / (tr T)^2 - 0.5, clipped to 0 ... 1;
 *                          T = mean of u_j u_j^T
 *
 * and, not among the seventeen because it depends on the orientation:
 *
 *   angular_entropy        mean over atoms with k >= 2 of the Shannon entropy of arccos of the z component of
 *                          -u_j, in B equal bins on [0, pi]
 *
 * A value x falls in bin floor(x / width), the last bin taking what lies at the end.
 *
 * The volume V of rho is that of the cell where all three axes are periodic, and of the sphere about the
 * centroid through the farthest atom, 4/3 pi Rmax^3, where none is. With one or two periodic axes it is their
 * length or area times that of the disc, or of the segment, which the same rule gives across them:
 * pi Rmax^2, 2 Rmax, distances taken perpendicular to the periodic axes. RDF_dev and g are 0 where V is.
 *
 *   [1] Steinhardt, Nelson, Ronchetti, Phys. Rev. B 28, 784 (1983)
 *   [2] Watts, Strogatz, Nature 393, 440 (1998)
 *   [3] Moran, Biometrika 37, 17 (1950)
 *
 * The definitions, but for periodic systems and the case of equal chi, are those of the program PASTED.
 *
 * ## Bits
 *
 * All results are the same bits for every number of threads, and for a structure alone or in a batch. They may
 * differ in the last bits between platforms, and between two numberings or orientations of one structure.
 * Where a distance or an angle lies on the edge of a bin, or at the cutoff, rounding decides.
 *
 * ## Errors, threads, structs
 *
 * As in nblist.h. One difference: in nbl_metrics_options, zeros are VALUES and not defaults. A weight of 0 is
 * a weight; 0 bins are refused. Use NBL_METRICS_OPTIONS_INIT, which carries the defaults. Fields that newer
 * versions append will have zero as their default again.
 */
#ifndef NBLIST_METRICS_H
#define NBLIST_METRICS_H

#include <nblist/nblist.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------
 * Names
 * ---------------------------------------------------------------------------------------------------- */

/*
 * All metrics: constant, number, name. The number is the bit of a mask of metrics, and in ascending order of
 * numbers the values of a mask stand in a row. Numbers never change; newer versions append.
 */
#define NBL_METRIC_MAP(X)                                                                                      \
    X(NBL_METRIC_H_ATOM, 0, "H_atom")                                                                          \
    X(NBL_METRIC_H_SPATIAL, 1, "H_spatial")                                                                    \
    X(NBL_METRIC_H_TOTAL, 2, "H_total")                                                                        \
    X(NBL_METRIC_RDF_DEV, 3, "RDF_dev")                                                                        \
    X(NBL_METRIC_SHAPE_ANISO, 4, "shape_aniso")                                                                \
    X(NBL_METRIC_Q4, 5, "Q4")                                                                                  \
    X(NBL_METRIC_Q6, 6, "Q6")                                                                                  \
    X(NBL_METRIC_Q8, 7, "Q8")                                                                                  \
    X(NBL_METRIC_GRAPH_LCC, 8, "graph_lcc")                                                                    \
    X(NBL_METRIC_GRAPH_CC, 9, "graph_cc")                                                                      \
    X(NBL_METRIC_RING_FRACTION, 10, "ring_fraction")                                                           \
    X(NBL_METRIC_CHARGE_FRUSTRATION, 11, "charge_frustration")                                                 \
    X(NBL_METRIC_MORAN_I_CHI, 12, "moran_I_chi")                                                               \
    X(NBL_METRIC_BOND_ANGLE_ENTROPY, 13, "bond_angle_entropy")                                                 \
    X(NBL_METRIC_COORDINATION_VARIANCE, 14, "coordination_variance")                                           \
    X(NBL_METRIC_RADIAL_VARIANCE, 15, "radial_variance")                                                       \
    X(NBL_METRIC_LOCAL_ANISOTROPY, 16, "local_anisotropy")                                                     \
    X(NBL_METRIC_ANGULAR_ENTROPY, 17, "angular_entropy")

#define NBL_METRIC_ENUM_(constant, number, name) constant = number,
enum nbl_metric { NBL_METRIC_MAP(NBL_METRIC_ENUM_) NBL_METRIC_MIN_ = -2147483647 };
#undef NBL_METRIC_ENUM_

#define NBL_METRICS_COUNT      17                                       /* all but the last */
#define NBL_METRICS_ALL        ((UINT32_C(1) << NBL_METRICS_COUNT) - 1) /* as a mask */
#define NBL_METRIC_BIT(metric) (UINT32_C(1) << (metric))                /* one as a mask */

/*
 * The name of a metric ("Q6"), NULL for an unknown number; the number of a name (exact), or NBL_EARGUMENT if it
 * is none, NBL_ENULL if it is NULL. Static strings. Thread-safety: any. Since: 0.1.
 */
NBL_API const char *nbl_metric_name(int32_t metric);
NBL_API int32_t nbl_metric_find(const char *name);

/*
 * How many values a mask has in a row, and where in that row a metric stands (NBL_EARGUMENT if it is not in the
 * mask): how many lower bits are set. Thread-safety: any. Since: 0.1.
 */
NBL_API int32_t nbl_metrics_n_columns(uint32_t metrics);
NBL_API int32_t nbl_metrics_column(uint32_t metrics, int32_t metric);

/* ------------------------------------------------------------------------------------------------------
 * Handle
 * ---------------------------------------------------------------------------------------------------- */

/* Memory between calls: a call no larger than seen before allocates nothing. */
typedef struct nbl_metrics nbl_metrics;

/*
 * Creates a handle, or frees one and sets *metrics to NULL (NULL and a pointer to NULL are fine); the message
 * of the last call that failed, "" after success, never NULL, valid until the next call on the handle.
 * options: NULL = defaults. On error *metrics is NULL.
 * Statuses: NBL_ENULL, NBL_ESTRUCT, NBL_EOPTION, NBL_ESIZE (n_threads), NBL_ENOMEM.
 * Thread-safety: one thread per handle. Since: 0.1.
 */
NBL_API nbl_status nbl_metrics_create(nbl_metrics **metrics, const nbl_handle_options *options);
NBL_API void nbl_metrics_destroy(nbl_metrics **metrics);
NBL_API const char *nbl_metrics_message(const nbl_metrics *metrics);

/* ------------------------------------------------------------------------------------------------------
 * Compute
 * ---------------------------------------------------------------------------------------------------- */

/* Zeros are values here: start from NBL_METRICS_OPTIONS_INIT. */
typedef struct nbl_metrics_options {
    size_t size;
    const double *cutoffs; /* [n_cutoffs]; NULL: that of the radii of each system */
    int64_t n_cutoffs;     /* 0 (NULL), 1 (one for all systems) or B (one for each) */
    double cov_scale;      /* of the cutoff from radii; positive. Default 1 */
    double w_atom;         /* weights of H_total. Default 0.5 */
    double w_spatial;
    double bond_scale; /* of `coordination`; positive. Default 1.2: a fifth above the length of a bond */
    /* [n_elements], by atomic number, from 0; at most 1e100 in magnitude. NULL, NaN and numbers beyond:
       nbl_element_radius() and nbl_element_electronegativity() of nblist/io.h; where that has none, 4.0 for He,
       Ne, Ar and Rn, 1.3 for Lr and Rf, 1.5 for Db, 2.36 for Sg */
    const double *radii; /* positive */
    const double *electronegativities;
    int32_t n_elements;
    int32_t n_bins;                 /* of distances, and of angular_entropy: 1 ... 65536. Default 20 */
    const nbl_build_options *build; /* types, stride, algorithm and flags of the build, as for the core, and
                                       max_bytes, which bounds the core's handle alone: arrays of this one, by
                                       systems, atoms and edges, come on top. n_threads is not read.
                                       NULL = defaults */
    int32_t n_threads;              /* 0 = the handle's */
    int32_t reserved;               /* 0 */
} nbl_metrics_options;

#define NBL_METRICS_OPTIONS_INIT                                                                               \
    {                                                                                                          \
        sizeof(nbl_metrics_options), NULL, 0, 1.0, 0.5, 0.5, 1.2, NULL, NULL, 0, 20, NULL, 0, 0                \
    }

#define NBL_METRICS_ANGLE_BINS 36   /* of bond angles: five degrees each */
#define NBL_METRICS_L_MAX      12   /* largest l of q, w and q_averaged */
#define NBL_METRICS_MAX_NUMBER 1023 /* largest number of an atom: those beyond the elements need tables */

/* Classes of common-neighbour analysis. */
enum nbl_cna { NBL_CNA_OTHER = 0, NBL_CNA_FCC = 1, NBL_CNA_HCP = 2, NBL_CNA_BCC = 3, NBL_CNA_ICOSAHEDRAL = 4 };

/*
 * What is wanted, and where it goes. Every pointer is optional; arrays are owned by the caller, contiguous,
 * aligned for their type, and must not overlap. Only what is asked for is computed.
 *
 * Of systems: values [B][columns], columns = nbl_metrics_n_columns(metrics), in ascending order of the numbers
 * of the metrics; cutoffs_used [B], rc of each system; rdf [B][n_bins], the g_b of RDF_dev; angle_counts
 * [B][36], the bond angles of all atoms; degree_counts and coordination_counts [B][n_counts], how many atoms
 * have degree, or coordination, 0, 1, 2, ..., the last entry taking what is larger.
 *
 * Of atoms, in the order of the input:
 *
 *   degree           neighbours: k
 *   coordination     neighbours with |d| <= bond_scale * (R_i + R_j), and within rc
 *   component        connected component, numbered in each system from 0 in the order of their first atoms
 *   ring             1 if an edge of the atom is on a ring, else 0
 *   cna              enum nbl_cna, with rc for all distances: rc between the first and the second shell (fcc,
 *                    hcp, icosahedral), or between the second and the third (bcc) [4]
 *   cna_adaptive     enum nbl_cna, with a cutoff of its own for each atom from its 12, or 14, nearest
 *                    neighbours within rc [5]
 *   q, w             [n][n_l]: Q_l as above and W_l = sum over m1 + m2 + m3 = 0 of
 *                    (l l l; m1 m2 m3) q_lm1 q_lm2 q_lm3 / (sum over m of |q_lm|^2)^(3/2), with Wigner's 3j
 *                    symbol: normalised, "w hat", as in [1]; 0 for odd l
 *   q_averaged       [n][n_l]: Q_l from the mean of q_lm over the atom and its neighbours [6]
 *   clustering       T / (k (k - 1) / 2), 0 for k < 2
 *   angle_entropy    Shannon entropy of the bond angles, 0 for k < 2
 *   radial_variance  and
 *   anisotropy       the terms of radial_variance and local_anisotropy, 0 for k = 0
 *
 * Q_l, W_l and averaged Q_l of an atom without neighbours are 0.
 *
 *   [4] Honeycutt, Andersen, J. Phys. Chem. 91, 4950 (1987)
 *   [5] Stukowski, Model. Simul. Mater. Sci. Eng. 20, 045021 (2012)
 *   [6] Lechner, Dellago, J. Chem. Phys. 129, 114707 (2008)
 */
typedef struct nbl_metrics_outputs {
    size_t size;
    uint32_t metrics;        /* mask of NBL_METRIC_BIT()s: the columns of `values` */
    int32_t n_l;             /* 0 ... 13 */
    const int32_t *l;        /* [n_l], 0 ... NBL_METRICS_L_MAX, for q, w and q_averaged */
    int32_t n_counts;        /* at least 1 where degree_counts or coordination_counts is given */
    int32_t reserved;        /* 0 */
    int64_t system_capacity; /* systems that the arrays of systems have room for */
    int64_t atom_capacity;   /* atoms that the arrays of atoms have room for */
    double *values;
    double *cutoffs_used;
    double *rdf;
    int64_t *angle_counts;
    int64_t *degree_counts;
    int64_t *coordination_counts;
    int32_t *degree;
    int32_t *coordination;
    int32_t *component;
    uint8_t *ring;
    uint8_t *cna;
    uint8_t *cna_adaptive;
    double *q;
    double *w;
    double *q_averaged;
    double *clustering;
    double *angle_entropy;
    double *radial_variance;
    double *anisotropy;
} nbl_metrics_outputs;

#define NBL_METRICS_OUTPUTS_INIT                                                                               \
    {                                                                                                          \
        sizeof(nbl_metrics_outputs), NBL_METRICS_ALL, 0, NULL, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, \
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL                       \
    }

/*
 * Computes for one system. n, positions, cell and pbc as in nbl_cell_list_build(): n = 0 is legal, no cell
 * means open boundaries. numbers [n]: 0 ... NBL_METRICS_MAX_NUMBER; those without a radius, or without an
 * electronegativity, are refused where one is needed. options: NULL = defaults.
 *
 * Statuses: NBL_ENULL (metrics; outputs; positions, numbers with n > 0; l with n_l > 0), NBL_ESTRUCT,
 * NBL_ESIZE (n, n_cutoffs, n_elements, n_bins, n_l, n_counts, n_threads, a capacity that is negative, stride),
 * NBL_EOPTION (unknown metrics; cov_scale, bond_scale, a weight, a table entry that is not a number of its
 * kind; those of the build), NBL_EARGUMENT (l or a number out of range; an element without the radius or the
 * electronegativity that is needed), NBL_ECUTOFF (of the caller, or from the radii), NBL_ECONFLICT (n_cutoffs
 * > 0 without cutoffs, n_elements > 0 without a table), NBL_ECAPACITY, those of the system (NBL_EPOSITION,
 * NBL_ERANGE, NBL_ECELL, NBL_ESINGULAR, NBL_ESHIFT), NBL_ELIMIT and NBL_ENOMEM. All but the last two, and
 * NBL_ESHIFT, come before anything is written; after these the arrays of atoms are left in no defined state.
 * Thread-safety: one thread per handle. Since: 0.1.
 */
NBL_API nbl_status nbl_metrics_compute(nbl_metrics *metrics, int64_t n, const void *positions, const void *cell,
                                       const uint8_t *pbc, const int32_t *numbers,
                                       const nbl_metrics_options *options, const nbl_metrics_outputs *outputs);

/*
 * Computes for all systems of a batch, by threads over systems and inside large ones. input as in
 * nbl_batch_build(), but its cutoffs and n_cutoffs are not read: the options have them. numbers [n_atoms].
 *
 * statuses: [B] or NULL. Written once the arrays as a whole are accepted: NBL_OK, or why that system was
 * refused, by the build, by the search, or for its elements (NBL_EARGUMENT) or cutoff (NBL_ECUTOFF). Refused
 * systems have NaN in values, cutoffs_used and the arrays of float64 of their atoms, and 0 in rdf and in all
 * arrays of integers. An empty system has the values of n = 0, and, where its cutoff would be that of its
 * radii, NaN in cutoffs_used.
 *
 * Returns NBL_OK if all systems are good; NBL_EBATCH if some were refused, and the message names the lowest;
 * with NBL_ALL_OR_NOTHING among the build flags the status of that one, and nothing but statuses is written.
 * Statuses of the whole call: as above, and NBL_EPTR, NBL_EIDS, NBL_ECONFLICT (ptr and batch).
 * Thread-safety: one thread per handle. Since: 0.1.
 */
NBL_API nbl_status nbl_metrics_compute_batch(nbl_metrics *metrics, const nbl_batch_input *input,
                                             const int32_t *numbers, const nbl_metrics_options *options,
                                             const nbl_metrics_outputs *outputs, int32_t *statuses);

#ifdef __cplusplus
}
#endif

#endif
