/* SPDX-License-Identifier: MIT */
#include "plot.h"

const char nbl__bench_plot_style[] =
    "set datafile separator \"\\t\"\n"
    "set datafile missing '-'\n"
    "set datafile columnheaders\n"
    "set encoding utf8\n"
    "array colors[9] = ['#1b5e9b', '#d9772b', '#6a994e', '#8a5a9e', '#b5495b', '#4a9c9c', '#97763a', \\\n"
    "  '#7a7f87', '#3d405b']\n"
    "ink = '#1c2733'\n"
    "grey = '#5d6872'\n"
    "set border 3 linecolor rgb '#9aa3ab'\n"
    "set tics nomirror scale 0.5 textcolor rgb grey\n"
    "set grid xtics ytics linetype 1 linecolor rgb '#e3e7ea' linewidth 0.8\n";

const char nbl__bench_plot_time[] =
    "set terminal svg size 860,520 font 'sans-serif,13' background '#ffffff'\n"
    "set output 'time.svg'\n"
    "set label 1 (sweep ? 'Crystals of copper, cutoff 5: time per atom over number of atoms' : \\\n"
    "  'Time per atom over number of atoms') at screen 0.02,0.955 font ',17' textcolor rgb ink\n"
    "set label 2 about at screen 0.02,0.905 font ',11' textcolor rgb grey noenhanced\n"
    "set lmargin at screen 0.115\n"
    "set rmargin at screen 0.97\n"
    "set tmargin at screen 0.80\n"
    "set bmargin at screen 0.13\n"
    "set key at graph 1,1.03 right bottom horizontal noenhanced Left reverse samplen 2 textcolor rgb ink\n"
    "set logscale xy\n"
    "set xrange [atoms_low / 1.5 : atoms_high * 1.5]\n"
    "set yrange [ns_low / 1.5 : ns_high * 1.5]\n"
    "set xlabel 'atoms' textcolor rgb ink\n"
    "set ylabel 'time per atom (ns)' textcolor rgb ink offset -0.5,0\n"
    "set format x '%.0s%c'\n"
    "set ytics (1 1)\n"
    "do for [e = -1:8] {\n"
    "  do for [m in '1 2 5'] { set ytics add (sprintf('%g', m * 10**e) m * 10**e) }\n"
    "}\n"
    "single(x) = column('single') == 1 ? x : NaN\n"
    "plot for [k = 1:libraries] NaN with lines linewidth 3 linecolor rgb colors[k] title names[k]";

const char nbl__bench_plot_time_sweep[] =
    ", \\\n"
    "  for [k = libraries:1:-1] 'sweep.tsv' using 1:1 + k with linespoints \\\n"
    "    linewidth (k == 1 ? 2.6 : 1.8) pointtype 7 pointsize (k == 1 ? 0.45 : 0.35) \\\n"
    "    linecolor rgb colors[k] notitle";

const char nbl__bench_plot_time_cases[] =
    ", \\\n"
    "  for [k = libraries:1:-1] 'cases.tsv' using (single(column('atoms'))):4 + k with points \\\n"
    "    pointtype 6 pointsize 0.9 linewidth 1.6 linecolor rgb colors[k] notitle, \\\n"
    "  NaN with points pointtype 6 pointsize 0.9 linewidth 1.6 linecolor rgb grey title 'cases'";

const char nbl__bench_plot_cases[] =
    "pitch = libraries + 0.7\n"
    "top = 96.0\n"
    "bottom = 62.0\n"
    "height = top + cases * pitch * 13 + bottom\n"
    "set terminal svg size 860,height font 'sans-serif,12' background '#ffffff'\n"
    "set output 'cases.svg'\n"
    "set label 1 'Time per atom of each case' at screen 0.02,1 - 26 / height font ',17' textcolor rgb ink\n"
    "set label 2 about at screen 0.02,1 - 50 / height font ',11' textcolor rgb grey noenhanced\n"
    "set lmargin at screen 0.205\n"
    "set rmargin at screen 0.965\n"
    "set tmargin at screen 1 - top / height\n"
    "set bmargin at screen bottom / height\n"
    "set key at graph 1,first 0.5 right bottom horizontal noenhanced Left reverse samplen 2 textcolor rgb ink\n"
    "set grid noytics\n"
    "set logscale x\n"
    "set xrange [ns_low / 1.6 : ns_high * 2.6]\n"
    "set yrange [-cases * pitch : 0]\n"
    "note = libraries > 1 ? '; 2\303\227: twice as long as libnblist' : ''\n"
    "set xlabel 'time per atom (ns), logarithmic'.note textcolor rgb ink\n"
    "set ytics scale 0 noenhanced textcolor rgb ink\n"
    "set xtics (1 1)\n"
    "marks = log10(ns_high / ns_low) < 2.2 ? '1 2 5' : '1 3'\n"
    "do for [e = -1:8] {\n"
    "  do for [m in marks] { set xtics add (sprintf('%g', m * 10**e) m * 10**e) }\n"
    "}\n"
    "middle(row) = -(row + 0.5) * pitch\n"
    "y(k) = middle(column(0)) + 0.5 * (libraries + 1) - k\n"
    "digits(t) = sprintf(t < 99.95 ? '%.3g' : '%.0f', t)\n"
    "factor(t, ours) = sprintf(t / ours < 9.95 ? '%.1f\303\227' : '%.0f\303\227', t / ours)\n"
    "plot for [k = 1:libraries] NaN with boxes fillstyle solid 1 noborder linecolor rgb colors[k] \\\n"
    "    title names[k], \\\n"
    "  for [k = 1:libraries] 'cases.tsv' using (ns_low):(y(k)):(ns_low / 2):(column(4 + k)): \\\n"
    "    (y(k) - 0.42):(y(k) + 0.42) with boxxyerror fillstyle solid 1 noborder \\\n"
    "    linecolor rgb colors[k] notitle, \\\n"
    "  'cases.tsv' using (ns_low / 2):(middle(column(0))):ytic(1) with dots notitle, \\\n"
    "  'cases.tsv' using 5:(y(1)):(digits(column(5))) with labels left offset 0.5,0 \\\n"
    "    font ',10' textcolor rgb grey notitle";

const char nbl__bench_plot_cases_peers[] =
    ", \\\n"
    "  for [k = 2:libraries] 'cases.tsv' using 4 + k:(y(k)):(factor(column(4 + k), column(5))) \\\n"
    "    with labels left offset 0.5,0 font ',10' textcolor rgb grey notitle";
